"""Retrievals of traces by their ids (source: the X-Ray API, StartTraceRetrieval)."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.aws.xray.exceptions import ResourceNotFoundError

SCHEDULED_SECONDS = 0.2
RUNNING_SECONDS = 0.8
LIFE_SECONDS = 60 * 60
RETRIEVALS_KEPT = 1000
TOKEN_BYTES = 32


@dataclass(slots=True)
class Retrieval:
    """What was asked for; times are epoch seconds, both ends of the range belong to it."""

    trace_ids: tuple[str, ...]
    start_time: float
    end_time: float
    started_at: float
    cancelled: bool = False

    def status(self, now: float) -> str:
        """Return the API's `RetrievalStatus`."""
        if self.cancelled:
            return "CANCELLED"
        age = now - self.started_at
        if age < SCHEDULED_SECONDS:
            return "SCHEDULED"
        return "RUNNING" if age < SCHEDULED_SECONDS + RUNNING_SECONDS else "COMPLETE"

    def covers(self, start_time: float, end_time: float) -> bool:
        """Tell whether what goes on from one time to the other is in the range, its ends included."""
        return start_time <= self.end_time and end_time >= self.start_time


class Retrievals:
    """The retrievals of one account and region, by token, for an hour; of too many the oldest go."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_token: OrderedDict[str, Retrieval] = OrderedDict()

    def start(self, trace_ids: list[str], start_time: float, end_time: float) -> str:
        """Begin a retrieval and return its token."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        wanted = tuple(dict.fromkeys(trace_id.lower() for trace_id in trace_ids))
        self._by_token[token] = Retrieval(wanted, start_time, end_time, self._clock())
        while len(self._by_token) > RETRIEVALS_KEPT:
            self._by_token.popitem(last=False)
        return token

    def find(self, token: str) -> Retrieval:
        """Return the retrieval of this token.

        Raises:
            ResourceNotFoundError: there is none, or it is over an hour old.
        """
        retrieval = self._by_token.get(token)
        if retrieval is None or self._clock() - retrieval.started_at > LIFE_SECONDS:
            self._by_token.pop(token, None)
            raise ResourceNotFoundError("Retrieval token not found", ResourceName="RetrievalToken")
        return retrieval

    def cancel(self, token: str) -> None:
        """End a retrieval; one that is complete stays as it is.

        Raises:
            ResourceNotFoundError: there is none, or it is over an hour old.
        """
        retrieval = self.find(token)
        retrieval.cancelled = retrieval.status(self._clock()) != "COMPLETE"
