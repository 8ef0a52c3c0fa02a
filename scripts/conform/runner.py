"""Runs one case after the other, and cleans up behind each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from scripts import interrupts
from scripts.conform.case import DiffersError, LateError, NotPossibleError, UnansweredError
from scripts.conform.limits import CappedError
from scripts.conform.recording import Recording
from scripts.errors import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.conform.case import Case
    from scripts.conform.honeycomb_calls import HoneycombCalls
    from scripts.conform.redaction import Redactor
    from scripts.conform.surroundings import Surroundings
    from scripts.conform.xray_calls import XRayCalls


@dataclass(frozen=True)
class Result:
    """What became of a case.

    `status` is ``holds``, ``differs``, ``skipped`` (the credentials, the key, the plan or the environment
    don't allow it), ``capped`` (the stated cost or time is used up) or ``unasked`` (nobody answered).
    `refuted` tells that the service answered, in its own form, the opposite of the claim.
    """

    case: Case
    status: str
    detail: str
    recording: Recording
    refuted: bool = False


class Runner:
    """Runs cases in one run's surroundings. Whatever `run` raises, `finish` has to be called."""

    def __init__(
        self,
        surroundings: Surroundings,
        xray: XRayCalls,
        honeycomb: HoneycombCalls | None,
        redactor: Callable[[], Redactor],
        *,
        is_local: bool,
    ) -> None:
        self._on = surroundings
        self._xray = xray
        self._honeycomb = honeycomb
        self._redactor = redactor
        self._is_local = is_local

    def run(self, case: Case) -> Result:
        """Run *case* and remove what it made; only what ends the process gets out of it.

        What could not be removed is in `take_left`, also where the case was interrupted.
        """
        recording = Recording(self._redactor(), self._on.owned)
        if case.service == "honeycomb" and self._honeycomb is None:
            return Result(case, "skipped", "no Honeycomb key was given", recording)
        if case.local_only and not self._is_local:
            return Result(
                case, "skipped", "asked of the local cloud alone: it puts something at risk", recording
            )
        self._record(recording)
        try:
            return self._outcome(case, recording)
        finally:
            with interrupts.put_off():
                self._record(None)
                self._on.case_brooms.sweep()

    def finish(self) -> None:
        """Remove all that is still there, the run's data sets with it. Interrupts wait until it is done."""
        with interrupts.put_off():
            self._record(None)
            self._on.case_brooms.sweep()
            self._on.run_brooms.sweep()

    def take_left(self) -> tuple[str, ...]:
        """Return what could not be removed since this was asked last."""
        return (*self._on.case_brooms.take_left(), *self._on.run_brooms.take_left())

    def _record(self, recording: Recording | None) -> None:
        self._on.recording = self._xray.recording = recording
        if self._honeycomb is not None:
            self._honeycomb.recording = recording

    def _outcome(self, case: Case, recording: Recording) -> Result:
        try:
            self._on.in_time()
            case.run(self._on)
        except LateError as error:
            return Result(case, "differs", str(error), recording)
        except DiffersError as error:
            return Result(case, "differs", str(error), recording, refuted=True)
        except NotPossibleError as error:
            return Result(case, "skipped", str(error), recording)
        except CappedError as error:
            return Result(case, "capped", str(error), recording)
        except UnansweredError as error:
            return Result(case, "unasked", str(error)[:300], recording)
        except (BotoCoreError, ResponseParserError) as error:
            return Result(case, "unasked", str(explain(error, local=self._is_local))[:300], recording)
        except Exception as error:  # noqa: BLE001 - whatever a case makes of an answer it did not expect
            said = f"the answer has another shape: {type(error).__name__}: {' '.join(str(error).split())}"
            return Result(case, "differs", said[:300], recording)
        return Result(case, "holds", "", recording)
