"""The files for deploying: they can be read, fit each other, and name only commands, settings and options there are."""

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from typer.core import TyperGroup

from agent.settings import Settings
from server.cli import app
from server.server_settings import ServerSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
TEXTS = {path.relative_to(DEPLOY).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
COMPOSE = yaml.safe_load(TEXTS["compose/compose.yaml"])
UNITS = {name: text for name, text in TEXTS.items() if name.endswith(".service")}
OPTIONS_OF_VLLM = set(Path(__file__).with_name("vllm-0.32-options.txt").read_text(encoding="utf-8").split())


def known_variables() -> set[str]:
    names: set[str] = set()
    for settings in (Settings, ServerSettings):
        prefix = settings.model_config.get("env_prefix", "")
        for name, field in settings.model_fields.items():
            names.add(str(field.validation_alias) if field.validation_alias else f"{prefix}{name}".upper())
    return names


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_setting_named_is_one(name: str) -> None:
    named = set(re.findall(r"\bWALKIOSK_[A-Z_]+\b", TEXTS[name]))
    assert named <= known_variables()


def commands() -> list[str]:
    """Every `walkiosk …` that the files run or tell the reader to run."""
    found = [shlex.join(service["command"]) for service in COMPOSE["services"].values() if "command" in service]
    for text in UNITS.values():
        found += re.findall(r"^ExecStart=\S*/(walkiosk .+)$", text, re.MULTILINE)
    for name in ("README.md", "prometheus/alerts.yaml", "compose/env.example"):
        found += re.findall(r"`(walkiosk [a-z][^`]*)`", TEXTS[name])
        found += re.findall(r"\b(walkiosk (?:doctor|store|models|serve) [^#\n`(]+)$", TEXTS[name], re.MULTILINE)
    return sorted({" ".join(command.split()) for command in found})


def parse(command: Any, arguments: list[str], name: str = "walkiosk") -> None:
    """What the program itself does with its arguments before it runs anything."""
    context = command.make_context(name, arguments)
    rest = [*getattr(context, "_protected_args", []), *context.args]
    if isinstance(context.command, TyperGroup) and rest:
        found, following, left = context.command.resolve_command(context, rest)
        parse(following, left, found)
    else:
        assert not rest


@pytest.mark.parametrize("line", commands())
def test_every_command_can_be_parsed(line: str) -> None:
    arguments = shlex.split(line.replace("%i", "8000").replace("…", ""))
    parse(typer.main.get_command(app), arguments[1:])


def test_the_commands_were_found() -> None:
    assert {"walkiosk serve --host 127.0.0.1 --port %i --voice", "walkiosk store migrate"} <= set(commands())
    assert any(command.startswith("walkiosk doctor") for command in commands())


@pytest.mark.parametrize("name", ["vllm/serve.sh", "README.md"])
def test_every_option_of_vllm_exists(name: str) -> None:
    lines = re.findall(r"serve\.sh ([^`|\n]*)", TEXTS[name]) if name.endswith(".md") else [TEXTS[name]]
    options = set(re.findall(r"(?<!\w)--[a-z][a-z-]+", " ".join(lines)))
    assert len(options) > 5
    assert options <= OPTIONS_OF_VLLM


def test_the_shell_reads_the_start_script() -> None:
    subprocess.run(["sh", "-n", str(DEPLOY / "vllm" / "serve.sh")], check=True)
    assert (DEPLOY / "vllm" / "serve.sh").stat().st_mode & 0o111


def test_only_the_proxy_is_open_to_customers() -> None:
    open_to_all = {
        name
        for name, service in COMPOSE["services"].items()
        for port in service.get("ports", [])
        if not str(port).startswith("127.0.0.1:")
    }
    assert open_to_all == {"proxy"}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    caddy = TEXTS["compose/Caddyfile"]
    assert re.search(r"@inside path (.+)", caddy).group(1).split() == ["/metrics", "/healthz", "/readyz"]  # type: ignore[union-attr]
    assert "respond @inside 404" in caddy


def test_services_networks_volumes_and_files_exist() -> None:
    services: dict[str, Any] = COMPOSE["services"]
    for name, service in services.items():
        assert "image" in service, name
        assert set(service.get("depends_on", [])) <= set(services), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "compose" / source).exists(), volume
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], volume
    upstreams = re.search(r"reverse_proxy (.+) \{", TEXTS["compose/Caddyfile"])
    assert upstreams is not None
    scraped = yaml.safe_load(TEXTS["prometheus/prometheus.yaml"])["scrape_configs"]
    targets = [target for job in scraped for each in job["static_configs"] for target in each["targets"]]
    for address in [*upstreams.group(1).split(), *targets]:
        assert address.split(":")[0] in services
    copied = re.findall(r"^COPY (.+) \S+$", TEXTS["compose/Dockerfile"], re.MULTILINE)
    for source in " ".join(copied).split():
        assert (DEPLOY.parent / source).exists(), source


def test_no_secret_stands_in_a_file() -> None:
    """What is secret is asked for, and left empty in the examples."""
    asked = set(re.findall(r"\$\{(\w+):\?", TEXTS["compose/compose.yaml"]))
    given = dict(line.split("=", 1) for line in TEXTS["compose/env.example"].splitlines() if re.match(r"\w+=", line))
    assert asked == set(given)
    assert not [name for name in given if re.search("PASSWORD|KEY|TOKEN", name) and given[name]]
    for name, text in {**UNITS, "compose/compose.yaml": TEXTS["compose/compose.yaml"]}.items():
        for value in re.findall(r"^\s*\w*(?:PASSWORD|_KEY|SECRET)\w*[=:]\s*(\S+)", text, re.MULTILINE):
            assert value.startswith("${"), name


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_has_its_parts(name: str) -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names of settings are not lower-cased
    unit.read_string(UNITS[name])
    assert {"Unit", "Service"} <= set(unit.sections()) <= {"Unit", "Service", "Install"}
    assert unit["Service"]["NoNewPrivileges"] == "yes"
    assert unit["Service"]["User"] in ("walkiosk", "vllm")
    for other in re.findall(r"walkiosk-[\w-]+\.service", UNITS[name]):
        assert f"systemd/{other}" in UNITS


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    paths = []
    for name, text in UNITS.items():
        path = tmp_path / Path(name).name.replace("@.", "@8000.")
        path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
        paths.append(str(path))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "walkiosk-" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_caddy_takes_its_file() -> None:
    if shutil.which("caddy") is None:
        pytest.skip("caddy is not installed")
    command = ["caddy", "adapt", "--config", str(DEPLOY / "compose" / "Caddyfile"), "--adapter", "caddyfile"]
    subprocess.run(command, check=True, capture_output=True)
