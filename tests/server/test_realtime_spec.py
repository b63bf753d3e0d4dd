"""server/README.md says what the code does: every `kiosk.*` event with an example that fits, every code and setting."""

import inspect
import json
import re
from pathlib import Path

import pytest

from server.realtime import client_events, kiosk_events, server_events
from server.server_settings import ServerSettings

ROOT = Path(__file__).parent.parent.parent
SPEC = (ROOT / "server" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(kiosk\.[a-z_.]+)` \|.*\| `(\{.*\})` \|$", SPEC, re.MULTILINE)
EVENTS = {
    model.model_fields["type"].annotation.__args__[0]: model
    for module, base in ((kiosk_events, server_events.ServerEvent), (client_events, client_events.ClientFrame))
    for _, model in inspect.getmembers(module, inspect.isclass)
    if issubclass(model, base) and "type" in model.model_fields
}
KIOSK_EVENTS = sorted(name for name in EVENTS if name.startswith("kiosk."))


def test_every_kiosk_event_has_an_example() -> None:
    assert sorted(name for name, _ in EXAMPLES) == KIOSK_EVENTS


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_fits_and_leaves_no_field_out(name: str, example: str) -> None:
    fields = json.loads(example)
    EVENTS[name].model_validate({**fields, "type": name})
    assert set(EVENTS[name].model_fields) == {*fields, "type", "event_id"}


def test_every_error_code_is_explained() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "server" / "realtime").glob("*.py"))
    codes = set(re.findall(r'ProtocolError\(\s*"([a-z_]+)"', source)) | {"no_session"}
    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in SPEC} == set()


def test_every_setting_is_named_with_its_size() -> None:
    for name in ServerSettings.model_fields:
        assert name.upper() in SPEC
    limits = ServerSettings()
    for shown in (f"{limits.max_text_characters:,} an item", f"{limits.max_sessions}, those", f"{limits.resume_s:g} s"):
        assert shown in SPEC
