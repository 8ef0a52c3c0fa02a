"""The results of queries, while they are kept."""

from dataclasses import dataclass

from localcloud.honeycomb.api.times import Clock
from localcloud.honeycomb.numbers import NANOSECONDS

KEPT_SECONDS = 7 * 86_400
RESULTS_MAX = 1_000
RESULTS_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A result; `body` is the answer to who asks for it, as JSON, `made_at` in nanoseconds since 1970."""

    slug: str
    made_at: int
    body: bytes


class KeptResults:
    """Results by id, for seven days (reference: Honeycomb API, Query Data); when full, the oldest go.

    One that is longer than all may be together isn't kept; no other one goes for it.
    """

    def __init__(self, clock: Clock, *, bytes_max: int = RESULTS_MAX_BYTES) -> None:
        self._clock = clock
        self._bytes_max = bytes_max
        self._kept: dict[str, Kept] = {}
        self._bytes = 0

    def begin(self, slug: str, result_id: str, body: bytes) -> None:
        """Keep a result that isn't complete yet."""
        self._put(result_id, Kept(slug, self._clock(), body))

    def complete(self, result_id: str, body: bytes) -> None:
        """Replace it by the complete one, unless it had to go meanwhile."""
        begun = self._kept.get(result_id)
        if begun is not None:
            self._put(result_id, Kept(begun.slug, begun.made_at, body))

    def find(self, slug: str, result_id: str) -> bytes | None:
        """Return the result of this dataset with this id."""
        self._drop_old()
        kept = self._kept.get(result_id)
        is_found = kept is not None and kept.slug == slug and kept.made_at >= self._first_kept()
        return kept.body if kept is not None and is_found else None

    def _put(self, result_id: str, kept: Kept) -> None:
        before = self._kept.pop(result_id, None)
        self._bytes -= len(before.body) if before else 0
        if len(kept.body) <= self._bytes_max:
            # As the last one, so that a result stays that was just completed.
            self._kept[result_id] = kept
            self._bytes += len(kept.body)
        self._drop_old()

    def _first_kept(self) -> int:
        return self._clock() - KEPT_SECONDS * NANOSECONDS

    def _drop_old(self) -> None:
        first_kept = self._first_kept()
        while self._kept:
            oldest, kept = next(iter(self._kept.items()))
            is_full = len(self._kept) > RESULTS_MAX or self._bytes > self._bytes_max
            if kept.made_at >= first_kept and not is_full:
                return
            self._bytes -= len(kept.body)
            del self._kept[oldest]
