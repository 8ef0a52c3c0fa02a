"""What workers tell, as the backend itself makes it, for the tests that read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.verify.loaded.worker import read
from services.tracing.loaded.document import loaded_document
from services.tracing.resources import Group, LoadedResources
from services.tracing.sending.otlp_target import Target
from services.tracing.startup.parameters import API_KEY, Parameter
from xray.rules import SamplingRule

if TYPE_CHECKING:
    from scripts.verify.loaded.worker import Worker

PATH = "/cruddur/dev/backend-flask"
NAME = "cruddur-dev-backend-flask"
KEY = "hcaik_" + 58 * "k"
WRITTEN = "2026-11-18T11:06:40+00:00"
RULE = SamplingRule(NAME, 9000, 0.1, 5, service_name=NAME)
GROUP = Group(NAME, f"arn:aws:xray:us-east-1:1:group/{NAME}/X", f'service("{NAME}")')


def document(pid: int = 12, **changes: Any) -> dict[str, Any]:
    """Return the document of one worker. *changes* are of loaded_document's arguments, or of members."""
    resources = LoadedResources(
        {API_KEY: Parameter(KEY, 3, WRITTEN), "honeycomb/dataset": Parameter(NAME, 2, WRITTEN)},
        GROUP,
        (RULE,),
        WRITTEN,
    )
    values: dict[str, Any] = {
        "attributes": {"service.name": NAME, "service.version": "0.1.0"},
        "service_type": "",
        "mode": "direct",
        "parameter_path": PATH,
        "resources": resources,
        "rules": (RULE,),
        "target": Target("https://x", {"x-honeycomb-team": KEY}, has_loaded_key=True),
    }
    made = loaded_document(**{name: changes.pop(name, value) for name, value in values.items()})
    return {
        "cause": "start",
        "number": 1,
        "at": WRITTEN,
        "pid": pid,
        "master": 1,
        "slot": 0,
        **made,
        "host": "host",
        **changes,
    }


def worker(pid: int = 12, **changes: Any) -> Worker:
    """Return the same as it is read."""
    return read(document(pid, **changes), with_host=False)
