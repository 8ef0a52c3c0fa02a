"""The trace of the command that runs, for those who add to it; where none is recorded, nothing happens.

Imports next to nothing: every command passes here. What can't be recorded is told once and ends it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scripts.session import Session
    from scripts.telemetry.recording import Recording
    from scripts.terragrunt.log import Changes

Answer = TypeVar("Answer")
_open: list[Recording] = []


def recording() -> Recording | None:
    """Return what is recorded now, or None."""
    return _open[-1] if _open else None


@contextmanager
def recorded(one: Recording) -> Iterator[None]:
    """Have *one* be what is recorded while the block runs."""
    _open.append(one)
    try:
        yield
    finally:
        _open.clear()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Record the block as a span *name* below the one that runs."""
    open_one = recording()
    if open_one is None:
        yield
        return
    with open_one.step(name):
        yield


def note_session(session: Session, verb: str) -> None:
    """Note for which environment *verb* runs in which units, before it runs."""
    _safely(lambda one: one.note_session(session, verb), None)


def note_changes(changes: Mapping[str, Changes]) -> None:
    """Note what a run of Terragrunt planned or did, by unit."""
    _safely(lambda one: one.note_changes(changes), None)


def note(name: str, value: str | int) -> None:
    """Note something about the whole command, as in ``note("image", ...)``."""
    _safely(lambda one: one.note(name, value), None)


def child_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a child's *variables*, with those that have Terragrunt's spans come here, in the same trace."""
    return _safely(lambda one: one.child_variables(variables), dict(variables))


def _safely(do: Callable[[Recording], Answer], otherwise: Answer) -> Answer:
    """Return what *do* answers; where nothing is recorded, or it fails, *otherwise*."""
    open_one = recording()
    if open_one is None:
        return otherwise
    try:
        return do(open_one)
    except Exception as error:  # noqa: BLE001 - told, and never the reason for a command to fail
        _open.clear()
        sys.stderr.write(f"the rest is not traced ({type(error).__name__})\n")
        return otherwise
