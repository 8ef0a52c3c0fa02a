"""One run: each case asked, told and kept as it comes, and everything removed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.conform import recordings
from scripts.conform.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.conform.case import Case
    from scripts.conform.endpoints import Endpoints
    from scripts.conform.runner import Result
    from scripts.output import Output


class Asking:
    """Asks one case after the other, and says and keeps at once what became of it.

    `clean` tells whether everything was removed and every recording kept.
    """

    def __init__(self, endpoints: Endpoints, output: Output, *, is_local: bool) -> None:
        self._runner = Runner(
            endpoints.surroundings,
            endpoints.xray,
            endpoints.honeycomb,
            endpoints.redactor,
            is_local=is_local,
        )
        self._known = endpoints.known
        self._output = output
        self._is_local = is_local
        self.written = 0
        self.clean = True

    def ask(self, cases: Sequence[Case]) -> list[Result]:
        """Return what became of each. Also where it is interrupted, everything is removed and told."""
        results = []
        try:
            for case in cases:
                with self._output.step(case.id):
                    result = self._runner.run(case)
                results.append(result)
                self._tell(result)
                self._keep(result)
        finally:
            with self._output.step("removing what is left of the run"):
                self._runner.finish()
            self._tell_left()
        return results

    def _tell(self, result: Result) -> None:
        if result.status != "holds":
            self._output.say(f"{result.status}  {result.case.id}: {result.detail}")
        self._tell_left()

    def _tell_left(self) -> None:
        for left in self._runner.take_left():
            self.clean = False
            self._output.say(f"left behind: {left}; remove it by hand", style="bold red")

    def _keep(self, result: Result) -> None:
        if self._is_local:
            return
        try:
            self.written += recordings.keep(result, self._known, recordings.FOLDER)
        except recordings.UnsafeError as error:
            self.clean = False
            self._output.say(str(error), style="bold red")
