"""The traces of one account and region: documents in, whole traces and snapshots for queries out.

What comes in is checked, and waits. It is stored, with the facts derived from it, a slice at a time while
nobody asks, or at once when somebody reads: a reader finds all that was taken before.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import orjson

from localcloud.aws.xray.exceptions import InvalidRequestError, ThrottledError
from localcloud.aws.xray.store import shared
from localcloud.aws.xray.store.columns import quoted
from localcloud.aws.xray.store.database import Database, find_stored, first_line
from localcloud.aws.xray.store.deriving import Changed
from localcloud.aws.xray.store.pending import Arrivals, Pending
from localcloud.aws.xray.store.reading import Refusal, read_document
from localcloud.aws.xray.store.snapshot import Snapshot

PENDING_MAX_DOCUMENTS = 240_000
PENDING_MAX_BYTES = 256 * 1024 * 1024
SLICE_DOCUMENTS = 24_000
READ_SECONDS = 20.0
"""For the queries of one read, by our own choice: what X-Ray's own bound is nobody says."""
_Stored = tuple[int, int, bool, float, list[bytes]]
"""Of what is stored: the part's number, revision, whether the limit was exceeded, last arrival, and texts."""
_FOREVER = float("inf")
_NOTHING: _Stored = (0, 0, False, 0.0, [])
_DOCUMENTS = quoted(dict.fromkeys(("trace_id", "start_time", "end_time", "limit_exceeded", "documents"), ""))
_STORED = "t.part, " + quoted(
    dict.fromkeys(("trace_id", "revision", "limit_exceeded", "received_at", "documents"), "")
)


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """One trace's documents as JSON, in the order of their first arrival. Times are epoch seconds."""

    trace_id: str
    start_time: float
    end_time: float
    limit_exceeded: bool
    texts: tuple[bytes, ...]

    def documents(self) -> list[Mapping[str, Any]]:
        """Return the documents, parsed anew."""
        return [orjson.loads(text) for text in self.texts]


class TraceStore:
    """Traces in a database that others share."""

    def __init__(
        self,
        place: str,
        account_id: str,
        *,
        clock: Callable[[], float] = time.time,
        database: Database | None = None,
    ) -> None:
        self.place = place
        self._account_id = account_id
        self._clock = clock
        self._pending = Pending()
        self.failure: str | None = None
        """Why what waits couldn't be stored the last time; None where it could."""
        self._database = database or shared.shared()
        self._database.adopt(self)

    @property
    def refusal(self) -> str | None:
        """Why no documents are taken now; None where they are."""
        return None if self.failure is None else f"Traces can't be stored: {self.failure}"

    @property
    def overfull(self) -> bool:
        """Whether so much waits that whoever brings more should wait until it is stored."""
        pending = self._pending
        return pending.documents > PENDING_MAX_DOCUMENTS or pending.size_bytes > PENDING_MAX_BYTES

    @property
    def waiting_documents(self) -> int:
        """How many documents wait."""
        return self._pending.documents

    @property
    def arrived_documents(self) -> int:
        """How many documents ever came."""
        return self._pending.arrived

    def put(self, text: str) -> Refusal | None:
        """Take one segment document; return why not where it isn't taken."""
        content = text.encode()
        document = read_document(content)
        if isinstance(document, Refusal):
            return document
        self._pending.add(document["trace_id"].lower(), content, self._clock())
        return None

    def store_slice(self, quiet_seconds: float = 0.0) -> bool:
        """Store some of what waits; return whether there was any.

        With `quiet_seconds`, only of traces to which nothing came for so long: they are probably whole.

        Raises:
            duckdb.Error: it can't be stored, and waits on; `failure` says why.
        """
        until = self._clock() - quiet_seconds if quiet_seconds else _FOREVER
        return self._store_some(lambda arrivals: arrivals.received_at <= until)

    def store_all(self) -> None:
        """Store all that waits now.

        Raises:
            duckdb.Error: it can't be stored, and waits on; `failure` says why.
        """
        last = self._pending.arrived
        while self._store_some(lambda arrivals: arrivals.since <= last):
            pass

    @contextlib.contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Let the caller's thread read all that was taken until now, for `READ_SECONDS` at most.

        Raises:
            ThrottledError: what was taken can't be stored now.
            InvalidRequestError: it takes too long.
        """
        with contextlib.ExitStack() as stack:
            try:
                self.store_all()
                snapshot = stack.enter_context(self._database.reading())
            except duckdb.Error as error:
                raise ThrottledError(f"Traces can't be stored: {first_line(error)}") from error
            stack.enter_context(snapshot.limited(READ_SECONDS))
            try:
                yield snapshot
            except duckdb.InterruptException as error:
                raise InvalidRequestError(
                    f"The request takes more than {READ_SECONDS:g} seconds: ask for a shorter range of time,"
                    " or with a simpler filter"
                ) from error

    def find(self, trace_ids: Sequence[str]) -> list[StoredTrace]:
        """Return those of the traces that are kept, in the order of the ids, each once."""
        wanted = list(dict.fromkeys(map(str.lower, trace_ids)))
        with self.reading() as snapshot:
            rows = find_stored(snapshot, self.place, wanted, _DOCUMENTS)
        found = {
            trace_id: StoredTrace(trace_id, start, end, exceeded, tuple(texts))
            for trace_id, start, end, exceeded, texts in rows
        }
        return [found[trace_id] for trace_id in wanted if trace_id in found]

    def get(self, trace_id: str) -> StoredTrace | None:
        """Return the trace of this id, if it is kept."""
        return next(iter(self.find([trace_id])), None)

    def _store_some(self, wanted: Callable[[Arrivals], bool]) -> bool:
        with self._database.lock:
            arrivals = {} if self._database.closed else self._pending.take(SLICE_DOCUMENTS, wanted)
            found = bool(arrivals)
            if found:
                try:
                    self._store(arrivals)
                except BaseException as error:
                    self.failure = first_line(error)
                    self._pending.put_back(arrivals)
                    raise
                self.failure = None
        return found

    def _store(self, arrivals: dict[str, Arrivals]) -> None:
        """Store traces, and take those out that are."""
        with self._database.reading() as snapshot:
            stored = self._stored(snapshot, list(arrivals))
        changed = [
            Changed(trace_id, *stored.get(trace_id, _NOTHING), new.texts, new.times)
            for trace_id, new in arrivals.items()
        ]

        def written(traces: Sequence[Changed]) -> None:
            for trace in traces:
                del arrivals[trace.trace_id]

        self._database.write(self.place, self._account_id, changed, written)

    def _stored(self, snapshot: Snapshot, trace_ids: Sequence[str]) -> dict[str, _Stored]:
        known = [trace_id for (trace_id,) in find_stored(snapshot, self.place, trace_ids, "t.trace_id")]
        rows = find_stored(snapshot, self.place, known, _STORED) if known else []
        return {trace_id: (part, *stored) for part, trace_id, *stored in rows}
