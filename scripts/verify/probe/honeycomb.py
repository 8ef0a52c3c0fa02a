"""Is the probe's trace in Honeycomb: asked by the Query Data API, where a key and the plan allow that.

An ingest key, which SSM usually holds, can only send. Then HONEYCOMB_CONFIGURATION_KEY may hold one that can
ask, of the same environment; for the local environment HONEYCOMB_API_KEY.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.honeycomb.api import Honeycomb
from scripts.honeycomb.client import Client
from scripts.honeycomb.errors import (
    HoneycombError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    TooManyRequestsError,
    UnavailableError,
    UnknownKeyError,
)
from scripts.honeycomb.links import ALL_DATASETS
from scripts.honeycomb.place import slug
from scripts.queries.window import around
from scripts.verify.probe.waiting import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from scripts.honeycomb.api import Access
    from scripts.verify.probe.waiting import Waiting

PAUSES_SECONDS = (1.0, 3.0, 6.0, 8.0)
"""Honeycomb runs ten queries a minute."""
LOOK_BACK_SECONDS = 600


@dataclass(frozen=True)
class Keys:
    """The backend's key, as SSM has it, and the operator's own, if any, behind its variable's name."""

    loaded: str = field(repr=False)
    own: tuple[str, str] | None = field(default=None, repr=False)


class CanNotAskError(Exception):
    """No key may ask Honeycomb, or the plan doesn't allow it; the text says why."""


class _OverError(Exception):
    """There is no time left to ask again."""


class Asker:
    """Asks Honeycomb for one trace. Not thread-safe."""

    def __init__(
        self,
        endpoint: str,
        keys: Keys,
        dataset: str,
        *,
        rotate: str,
        local: bool,
        tell: Callable[[str], None],
        waiting: Waiting,
    ) -> None:
        """*rotate* is the remedy for a key of the backend's that Honeycomb doesn't know."""

        def tell_of(text: str) -> None:
            self._heard = text.partition(": trying again")[0]
            tell(text)

        def pause(seconds: float) -> None:
            waiting.pause(seconds)
            if not waiting.left:
                raise _OverError

        def made(key: str) -> Honeycomb:
            client = Client(endpoint, key, is_local=local, tell=tell_of, sleep=pause)
            return Honeycomb(client, sleep=pause)

        self._heard = ""
        """Why the last call was made again."""

        self._loaded = made(keys.loaded)
        variable, own = keys.own or ("", keys.loaded)
        self._own = None if own == keys.loaded else made(own)
        self._own_name = variable
        self._dataset = dataset
        self._rotate = rotate
        self._asked: Honeycomb | None = None
        self._slug = ""
        self.access: Access | None = None
        """What the backend's key is, once Honeycomb has told."""

    def look(self, trace_id: str) -> str | Missing:
        """Return what Honeycomb has of the trace, in words; Missing where that is nothing yet.

        Raises CanNotAskError where it can't be asked.
        """
        self._heard = ""
        try:
            if self.access is None:
                self.access = self._loaded.access()
            return self._look(self.access, trace_id)
        except _OverError:
            heard = f"Honeycomb's answer: {self._heard}" if self._heard else ""
            return Missing(heard, "run verify again")
        except UnknownKeyError as error:
            return Missing(f"Honeycomb's answer: {error.message}", self._rotate, final=True)
        except (TooManyRequestsError, UnavailableError) as error:
            return _missing(error)
        except HoneycombError as error:
            return _missing(error, final=True)
        except OperatorError:
            # The data set comes with the first event.
            return Missing()

    def _look(self, access: Access, trace_id: str) -> str | Missing:
        if self._asked is not None:
            return self._ask(self._asked, trace_id)
        refusals = []
        for one, name in ((self._loaded, "the backend's key"), (self._own, self._own_name)):
            if one is None:
                continue
            try:
                self._check_place(one, access)
                self._slug = ALL_DATASETS if access.environment else slug(one, self._dataset)
                told = self._ask(one, trace_id)
            except (NotAllowedError, UnknownKeyError) as error:
                refusals.append(f"{name}: {error.message}")
                continue
            self._asked = one
            return told
        raise CanNotAskError("; ".join(refusals))

    def _check_place(self, one: Honeycomb, access: Access) -> None:
        if one is self._loaded:
            return
        own = one.access()
        if (own.team, own.environment) != (access.team, access.environment):
            theirs = f"{access.team}/{access.environment}"
            raise NotAllowedError(
                f"it is a key of {own.team}/{own.environment}, the backend's of {theirs}",
                remedy="hand over a key of the same environment",
            )

    def _ask(self, one: Honeycomb, trace_id: str) -> str | Missing:
        digits = "".join(trace_id.split("-")[1:])
        begin, end = around(time.time(), LOOK_BACK_SECONDS)
        query: Mapping[str, Any] = {
            "calculations": [{"op": "COUNT"}],
            "filters": [{"column": "trace.trace_id", "op": "=", "value": digits}],
            "start_time": begin,
            "end_time": end,
        }
        try:
            query_id = one.create_query(self._slug, query)
            result_id = one.create_result(self._slug, query_id, with_series=False)
            result = one.result(self._slug, result_id)
        except (NotFoundError, RefusedError) as error:
            # As long as there is no event, there is no data set and no column to ask for.
            return _missing(error)
        return _counted(result)


def _counted(result: Mapping[str, Any]) -> str | Missing:
    if "error" in result:
        return Missing(f"Honeycomb's answer: {result['error']!s:.200}", "run verify again")
    try:
        rows = result["data"]["results"]
        count = sum(int(row["data"]["COUNT"]) for row in rows)
    except (KeyError, TypeError, ValueError):
        return Missing("Honeycomb's answer: a result without COUNT", "is that Honeycomb?", final=True)
    return f"{count} {'event' if count == 1 else 'events'}" if count else Missing()


def _missing(error: HoneycombError, *, final: bool = False) -> Missing:
    return Missing(f"Honeycomb's answer: {error.message}", error.remedy, final=final)
