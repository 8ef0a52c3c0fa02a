"""The workers of one host, from the backend's /health/tracing: each worker that answers knows of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from scripts.verify import health
from scripts.verify.loaded.heard import Heard, HearingError
from scripts.verify.loaded.worker import member, optional, read

if TYPE_CHECKING:
    from scripts.verify.loaded.worker import Worker


def hear(address: str) -> Heard:
    """Return what the workers behind *address* loaded. Raises HearingError where that can't be had."""
    url = f"{address}{health.PATH}"
    try:
        document = health.document(address)
    except OperatorError as error:
        raise HearingError(error.message, remedy=error.remedy) from error
    loaded = document.get("loaded")
    if not isinstance(document.get("worker"), dict) or "parameters" not in document:
        raise HearingError(
            f"{url} answers JSON of another kind", remedy="is this the backend? correct BACKEND"
        )
    if not isinstance(loaded, dict):
        raise HearingError(
            f"the backend at {url} doesn't tell what its workers loaded",
            remedy="deploy this version of the backend",
        )
    try:
        return _heard(address, loaded)
    except ValueError as error:
        raise HearingError(
            f"what {url} tells of its workers can't be read ({error})",
            remedy="run the verification of the backend's own version",
        ) from error


def _heard(address: str, loaded: dict[str, Any]) -> Heard:
    workers: list[Worker] = []
    silent: list[str] = []
    for entry in member(loaded, "workers", list):
        if not isinstance(entry, dict):
            raise ValueError("workers is no list of objects")  # noqa: TRY004 - the document is wrong
        if entry.get("loaded") is None:
            silent.append(str(member(entry, "pid", int)))
            continue
        worker = read(entry["loaded"], with_host=False)
        if not worker.has_ended:
            workers.append(worker)
    # Null where the server's workers share nothing: only the one that answered is known then.
    return Heard(address, workers, silent, optional(loaded, "wanted", int))
