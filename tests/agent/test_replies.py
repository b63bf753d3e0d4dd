"""The reply messages in every language say what the English ones say, with the same placeholders."""

from pathlib import Path

DEMO = Path(__file__).parents[2] / "tools" / "data" / "demo"
