"""Removes from Honeycomb what the run made, by its name: so also what it never heard back about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.conform.brooms import NotRemovedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scripts.conform.honeycomb_calls import Answer, HoneycombCalls

_GONE = (200, 202, 204, 404)


def boards(honeycomb: HoneycombCalls, name: str) -> None:
    """Remove the boards called *name*. Raises NotRemovedError."""
    for board in _listed(honeycomb, "/1/boards"):
        if board.get("name") == name:
            _delete(honeycomb, f"/1/boards/{board['id']}")


def markers(honeycomb: HoneycombCalls, message: str) -> None:
    """Remove the environment's markers that say *message*. Raises NotRemovedError."""
    for marker in _listed(honeycomb, "/1/markers/__all__"):
        if marker.get("message") == message:
            _delete(honeycomb, f"/1/markers/__all__/{marker['id']}")


def datasets(
    honeycomb: HoneycombCalls,
    run_id: str,
    sent_to: Iterable[str],
    wait_for: Callable[[Callable[[], bool | None]], bool],
) -> None:
    """Remove every data set that has *run_id* in its name, once all of *sent_to* are there.

    Honeycomb lists a new data set late, and removes one some time after it said 202. *wait_for* asks until
    it is told True, and returns False where it never was. Raises NotRemovedError with what stays.
    """
    names = set(sent_to)

    def shown() -> bool | None:
        return True if names <= {one["name"] for one in _own(honeycomb, run_id)} else None

    complete = wait_for(shown)
    for one in _own(honeycomb, run_id):
        path = f"/1/datasets/{one['slug']}"
        _demand(path, honeycomb("PUT", path, {"settings": {"delete_protected": False}}), (200,))
        _delete(honeycomb, path)
    if not complete:
        raise NotRemovedError("Honeycomb did not show all of them; look for their names later")
    if not wait_for(lambda: True if not _own(honeycomb, run_id) else None):
        raise NotRemovedError("Honeycomb took their removal, and still lists them")


def _own(honeycomb: HoneycombCalls, run_id: str) -> list[dict[str, Any]]:
    return [one for one in _listed(honeycomb, "/1/datasets") if run_id in str(one.get("name"))]


def _listed(honeycomb: HoneycombCalls, path: str) -> list[dict[str, Any]]:
    answer = honeycomb("GET", path)
    _demand(path, answer, (200,))
    found: list[dict[str, Any]] = answer.document
    return found


def _delete(honeycomb: HoneycombCalls, path: str) -> None:
    _demand(path, honeycomb("DELETE", path), _GONE)


def _demand(path: str, answer: Answer, statuses: tuple[int, ...]) -> None:
    if answer.status not in statuses:
        raise NotRemovedError(f"{path}: HTTP {answer.status}")
