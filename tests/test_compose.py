"""The compose files and the development container, as far as they can be looked at without an engine."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from scripts.image import contents
from scripts.image.dockerfile import Dockerfile
from server_settings import ServerSettings
from services.tracing.settings import TracingSettings

ROOT = Path(__file__).resolve().parents[1]
SETTINGS_WITHOUT_ROW = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
"""botocore's own: docs/settings.md leaves credentials to it."""


class Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML with compose's tag for what an override takes away: its value is read as None."""


Loader.add_constructor("!reset", lambda _loader, _node: None)


@cache
def services(name: str = "docker-compose.yml") -> dict[str, dict[str, Any]]:
    """The services of a compose file, anchors resolved."""
    document = yaml.load((ROOT / name).read_text(), Loader)  # noqa: S506 - a SafeLoader
    found: dict[str, dict[str, Any]] = document["services"]
    return found


def backends() -> list[dict[str, Any]]:
    """The services that run our image."""
    return [service for service in services().values() if service.get("image") == "cruddur-backend-flask"]


def seconds(text: str) -> int:
    """A duration as compose has it, in whole seconds."""
    found = re.fullmatch(r"(\d+)s", text)
    assert found, text
    return int(found[1])


def test_images_are_pinned() -> None:
    """Others' images by tag and digest; our own is built from the Dockerfile."""
    others = [service["image"] for service in services().values() if "build" not in service]
    assert len(others) == 2
    for image in others:
        assert re.fullmatch(r"public\.ecr\.aws/[a-z/-]+:v?\d+\.\d+\.\d+@sha256:[0-9a-f]{64}", image)
    assert [service["build"] for service in backends()] == [".", "."]


def test_the_collector_is_the_stacks() -> None:
    """The same version and the same configuration as in a task, and each variable that this reads."""
    defaults = (ROOT / "terraform/backend-app/config/defaults.hcl").read_text()
    [image] = re.findall(r'service_collector_image += "([^"@]+)', defaults)
    collector = services()["collector"]
    assert collector["image"].split("@")[0] == image
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    file = ROOT / document["configs"]["collector"]["file"]
    wanted = set(re.findall(r"\$\{env:(\w+)", file.read_text()))
    assert len(wanted) > 5
    assert wanted <= set(collector["environment"])
    [mounted] = collector["configs"]
    assert collector["command"] == [f"--config={mounted['target']}"]


def test_beside_the_backend_as_in_a_task() -> None:
    """What it sends to is on its own loopback, there before it, and publishes its port."""
    assert [service["network_mode"] for service in backends()] == ["service:xray-daemon", "service:collector"]
    assert services()["backend"]["depends_on"] == ["xray-daemon"]
    assert services()["backend-by-collector"]["depends_on"] == {"collector": {"condition": "service_healthy"}}
    assert services()["xray-daemon"]["ports"] == [
        "127.0.0.1:${PORT:-4567}:4567",
        "127.0.0.1:${XRAY_DAEMON_PORT:-2000}:2000/udp",
    ]
    assert services()["collector"]["ports"] == ["127.0.0.1:${PORT:-4567}:4567"]


@pytest.mark.parametrize("name", sorted(services()))
def test_nothing_more_than_needed(name: str) -> None:
    """Each container: read-only, without rights, its log bounded."""
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]


def test_the_backend_has_time_to_stop() -> None:
    """Docker kills after gunicorn's graceful timeout, in which spans are sent."""
    graceful = ServerSettings.from_environment({}).graceful_timeout_seconds
    for service in backends():
        assert seconds(service["stop_grace_period"]) > graceful + TracingSettings().shutdown_deadline_seconds


def test_each_variable_is_a_setting() -> None:
    """What the backend is given stands in docs/settings.md; no other is given."""
    rows = re.findall(r"^\| (.+?) \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    settings = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}
    for service in (*backends(), *services("docker-compose.local.yml").values()):
        if service.get("network_mode") == "host":
            continue
        assert set(service["environment"]) - settings <= SETTINGS_WITHOUT_ROW


def test_no_value_is_a_secret() -> None:
    """Keys come from the caller's environment alone: the file has their names."""
    for service in services().values():
        for name, value in service["environment"].items():
            if re.search("KEY|TOKEN|HEADERS", name) and not name.endswith("_LIMIT"):
                assert value is None, name


def test_what_must_be_told_is_asked_for() -> None:
    """Without region and parameter path compose stops with a line that says what to set."""
    for service in backends():
        for name in ("AWS_REGION", "TRACING_PARAMETER_PATH"):
            assert re.fullmatch(rf"\$\{{{name}:\?set it to .+, such as .+\}}", service["environment"][name])


def test_the_local_cloud_is_reached_by_the_machines_network() -> None:
    """What owns a network takes the machine's, without published ports; all of it listens on loopback."""
    local = services("docker-compose.local.yml")
    assert set(local) == set(services())
    for name in ("xray-daemon", "collector"):
        assert local[name]["network_mode"] == "host"
        assert (local[name]["ports"], local[name]["extra_hosts"]) == (None, None)
    for name in ("backend", "backend-by-collector"):
        assert local[name]["environment"]["BIND"] == "127.0.0.1"
    addresses = [word for word in local["xray-daemon"]["command"] if word.startswith("--bind")]
    daemon = local["backend"]["environment"]["AWS_XRAY_DAEMON_ADDRESS"]
    assert addresses == [f"--bind={daemon}", f"--bind-tcp={daemon}"]
    assert daemon.startswith("127.0.0.1:")


def test_what_is_taken_away_stands_in_each_service_itself() -> None:
    """Compose takes no notice of a !reset that a service gets by an anchor: its ports would stay."""
    document = yaml.compose((ROOT / "docker-compose.local.yml").read_text())
    [found] = [node for key, node in document.value if key.value == "services"]
    own = {service.value: {key.value: node.tag for key, node in of.value} for service, of in found.value}
    for name in ("xray-daemon", "collector"):
        assert (own[name]["ports"], own[name]["extra_hosts"]) == ("!reset", "!reset")
    assert not any("<<" in names for names in own.values())


def test_the_development_container() -> None:
    """It stands on the image's own base, forwards the backend's port, and sets itself up by make."""
    folder = ROOT / ".devcontainer"
    read = json.loads((folder / "devcontainer.json").read_text())
    built = Dockerfile((folder / read["build"]["dockerfile"]).read_text())
    assert built.base() == contents.dockerfile().base()
    assert built.value("USER") == read["remoteUser"] != "root"
    assert read["forwardPorts"] == [4567] == [int(port) for port in read["portsAttributes"]]
    assert read["postCreateCommand"] == "make tools"
