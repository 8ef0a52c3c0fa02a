"""A deployment's marker in Honeycomb: a line across every graph, with a link to the deployment's trace.

Source: Honeycomb's API reference, Markers; the permission is Manage Markers, which an ingest key can't have.
"""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.honeycomb import key
from scripts.honeycomb.api import Honeycomb
from scripts.honeycomb.client import Call, Client
from scripts.honeycomb.errors import NotAllowedError, UnknownKeyError
from scripts.honeycomb.links import ALL_DATASETS
from scripts.telemetry import current

if TYPE_CHECKING:
    from scripts.session import Session

PERMISSION = "Manage Markers"
DEPLOY = "deploy"
MARK_SECONDS = 5.0


def create(
    session: Session, *, image: str, started: float, ended: float, good: bool = True, kind: str = DEPLOY
) -> bool:
    """Mark the deployment of *image*, an image's tag or digest, from *started* to *ended* (epoch seconds).

    Markers of one *kind*, the command's name, have one colour. It is for all data sets of the environment's
    Honeycomb: one is there at the first deployment too. Tells in one line why there is none, and returns
    whether there is one: it is no reason for a deployment to fail, nor to take more than five seconds longer.
    """
    told: list[str] = []
    marker = document(session, image, int(started), int(ended), good=good, kind=kind)
    thread = Thread(target=_mark, args=(told, session, marker), daemon=True)
    thread.start()
    thread.join(MARK_SECONDS)
    why = told[0] if told else f"no answer within {MARK_SECONDS:g} s"
    if why:
        session.output.say(f"no marker in Honeycomb: {why}")
    return not why


def _mark(told: list[str], session: Session, marker: dict[str, object]) -> None:
    """Append why there is no marker, empty where there is one."""
    try:
        _create(session, marker)
    except (NotAllowedError, UnknownKeyError) as error:
        # Honeycomb may also say of an ingest key that it knows none such.
        known = "is unknown to it, or lacks" if isinstance(error, UnknownKeyError) else "lacks"
        told.append(f"the key {known} the permission {PERMISSION}, which no ingest key has")
    except OperatorError as error:
        told.append(str(error))
    except Exception as error:  # noqa: BLE001 - told, and never the reason for a deployment to fail
        told.append(f"unexpected {type(error).__name__}")
    else:
        told.append("")


def document(
    session: Session, image: str, started: int, ended: int, *, good: bool = True, kind: str = DEPLOY
) -> dict[str, object]:
    """Return the marker's body: times are whole epoch seconds, the address is that of the command's trace."""
    outcome = "" if good else ", which did not become steady"
    marker: dict[str, object] = {
        "type": kind,
        "message": f"{session.environment.name}: {image}{outcome}",
        "start_time": started,
        "end_time": max(started, ended),
    }
    recording = current.recording()
    if recording is not None and recording.place is not None:
        found = recording.place.addresses(recording.trace_id, recording.began, time.time())
        addresses = [address for kind, address in found.items() if "honeycomb" in kind]
        if addresses:
            marker["url"] = addresses[0]
    return marker


def _create(session: Session, marker: dict[str, object]) -> None:
    settings = session.any_unit.target.settings
    endpoint = str(settings.get("honeycomb_endpoint") or "")
    client = Client(endpoint, key.find(session.environment.name), is_local=session.environment.is_local)
    key.require_environment(Honeycomb(client).access(patiently=False).environment, settings)
    path = f"/1/markers/{ALL_DATASETS}"
    client.ask(Call("POST", path, "marking the deployment", PERMISSION, document=marker, is_repeatable=False))
