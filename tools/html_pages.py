"""Templates of HTML pages: a folder comes in, what makes pages of its templates goes out."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def html_pages(folder: Path) -> Environment:
    """Templates that escape whatever is put into them, and refuse to be filled when something is missing."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
