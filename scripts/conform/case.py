"""A case: one claim about X-Ray or Honeycomb, and the calls that hold it against an endpoint.

DiffersError
    The endpoint answered otherwise than the claim says, in its own form: what refutes the claim.
LateError
    What the claim speaks of did not show up in time; a DiffersError that refutes nothing.
NotPossibleError
    The credentials, the key or the plan do not allow the call.
UnansweredError
    Nobody answered for the service: throttled, broken, signed off, or not the service at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scripts.conform.surroundings import Surroundings

SERVICES = ("xray", "honeycomb")


class DiffersError(Exception):
    """The endpoint answered otherwise than the claim says."""

    def __init__(self, what: str, expected: object, actual: object) -> None:
        super().__init__(f"{what}: expected {expected!r}, got {actual!r}"[:500])


class LateError(DiffersError):
    """The endpoint did not show in time what the claim says."""


class NotPossibleError(Exception):
    """The endpoint can't be asked for this: the key or the plan does not allow it. Its text says why."""


class UnansweredError(Exception):
    """The service gave no answer that says anything about a claim. Its text says what came instead."""


@dataclass(frozen=True)
class Case:
    """One claim. `documented` tells whether AWS or Honeycomb say so themselves, or it was inferred.

    `settles` names the open questions of `scripts.conform.unverified` that a real account's answer closes;
    a case that is `local_only` asks for what no real account may be asked.
    """

    id: str
    service: str
    claim: str
    documented: bool
    run: Callable[[Surroundings], None]
    settles: tuple[str, ...] = ()
    local_only: bool = False


class Cases:
    """The cases of one file, in the order in which they stand there."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._cases: list[Case] = []

    def __iter__(self) -> Iterator[Case]:
        """Go over the cases."""
        return iter(self._cases)

    def case(
        self, name: str, claim: str, **more: Any
    ) -> Callable[[Callable[[Surroundings], None]], Callable[[Surroundings], None]]:
        """Return a decorator that makes the function the case `<service>.<name>`; *more* as in `add`."""

        def decorate(run: Callable[[Surroundings], None]) -> Callable[[Surroundings], None]:
            self.add(name, claim, run, **more)
            return run

        return decorate

    def add(
        self,
        name: str,
        claim: str,
        run: Callable[[Surroundings], None],
        *,
        documented: bool = False,
        settles: Sequence[str] = (),
        local_only: bool = False,
    ) -> None:
        """Add a case."""
        case = Case(
            f"{self._service}.{name}", self._service, claim, documented, run, tuple(settles), local_only
        )
        self._cases.append(case)


def expect(what: str, actual: Any, expected: Any) -> None:
    """Raise DiffersError where *actual* is not *expected*."""
    if actual != expected:
        raise DiffersError(what, expected, actual)


def expect_in(what: str, part: str, whole: str) -> None:
    """Raise DiffersError where *whole* does not contain *part*."""
    if part not in whole:
        raise DiffersError(what, f"...{part}...", whole)


def expect_names(what: str, text: str, *words: str) -> None:
    """Raise DiffersError where *text* has none of *words*, whatever their case and the spaces in it."""
    plain = "".join(text.lower().split())
    if not any("".join(word.lower().split()) in plain for word in words):
        raise DiffersError(what, f"words about {' or '.join(words)}", text)
