"""Keeps segment documents by trace, within a bound of memory.

Documents are kept as text and parsed when they are read: parsed, some take a hundred times as much.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.strict_json import depth_exceeds, loads
from xray.names import DOCUMENT_MAX_BYTES
from xray.segments import Problem, validate_document

STORE_MAX_BYTES = 256 * 1024 * 1024
TRACE_MAX_BYTES = 500 * 1024
TRACE_OVERHEAD_BYTES = 1024
DOCUMENT_OVERHEAD_BYTES = 512
DOCUMENT_DEPTH_MAX = 400
"""So that a document can be read and written again inside a hundred others."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's JSON in UTF-8."""

    text: bytes
    in_progress: bool

    @property
    def size_bytes(self) -> int:
        """What keeping it takes, by estimate."""
        return len(self.text) + DOCUMENT_OVERHEAD_BYTES


@dataclass(slots=True)
class StoredTrace:
    """One trace's documents by id, in the order of their arrival. `revision` counts the changes."""

    trace_id: str
    stored: dict[str, StoredDocument] = field(default_factory=dict)
    size_bytes: int = TRACE_OVERHEAD_BYTES
    revision: int = 0
    limit_exceeded: bool = False
    start_time: float = float("inf")
    end_time: float = 0.0

    @property
    def id_time(self) -> int:
        """The time in the trace's id (epoch seconds)."""
        return int(self.trace_id[2:10], 16)

    def documents(self) -> list[Mapping[str, Any]]:
        """Return the documents, parsed anew."""
        return [loads(stored.text.decode()) for stored in self.stored.values()]

    def add(self, document: Mapping[str, Any], text: bytes) -> None:
        """Keep a document; a complete one takes the place of the one in progress, never the other way."""
        fresh = StoredDocument(text, in_progress=document.get("end_time") is None)
        known = self.stored.get(document["id"])
        if known is not None and not known.in_progress and fresh.in_progress:
            return
        grown = self.size_bytes + fresh.size_bytes - (known.size_bytes if known is not None else 0)
        if grown > TRACE_MAX_BYTES:
            self.limit_exceeded = True
            return
        self.stored[document["id"]] = fresh
        self.size_bytes = grown
        self.revision += 1
        self.start_time = min(self.start_time, document["start_time"])
        self.end_time = max(self.end_time, document.get("end_time") or document["start_time"])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that wasn't taken; `document_id` is None where it can't be read."""

    document_id: str | None
    problem: Problem

    def to_api(self) -> dict[str, str]:
        """Return the API's `UnprocessedTraceSegment`."""
        document = {"ErrorCode": self.problem.code, "Message": self.problem.message}
        if self.document_id is not None:
            document["Id"] = self.document_id
        return document


class TraceStore:
    """The traces of one account and region; the oldest go when there are too many bytes."""

    def __init__(self, max_bytes: int = STORE_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._traces: OrderedDict[str, StoredTrace] = OrderedDict()
        self._bytes = 0

    def __iter__(self) -> Iterator[StoredTrace]:
        """Go over the traces, the first to come first."""
        return iter(self._traces.values())

    def get(self, trace_id: str) -> StoredTrace | None:
        """Return the trace of this id, if it is kept."""
        return self._traces.get(trace_id.lower())

    def put(self, text: str) -> Refusal | None:
        """Take one segment document; return why not where it isn't taken."""
        content = text.encode()
        document = _parse(content)
        problems = validate_document(document)
        if problems:
            return Refusal(_id_of(document), problems[0])
        assert isinstance(document, Mapping)  # noqa: S101 - what validate_document has just told
        trace_id = document["trace_id"].lower()
        trace = self._traces.get(trace_id)
        if trace is None:
            trace = self._traces[trace_id] = StoredTrace(trace_id)
            self._bytes += trace.size_bytes
        before = trace.size_bytes
        trace.add(document, content)
        self._bytes += trace.size_bytes - before
        while self._bytes > self._max_bytes and len(self._traces) > 1:
            _, oldest = self._traces.popitem(last=False)
            self._bytes -= oldest.size_bytes
        return None


def _parse(content: bytes) -> object:
    if len(content) > DOCUMENT_MAX_BYTES or depth_exceeds(content, DOCUMENT_DEPTH_MAX):
        return None
    try:
        return loads(content.decode())
    except ValueError:
        return None


def _id_of(document: object) -> str | None:
    identity = document.get("id") if isinstance(document, Mapping) else None
    return identity if isinstance(identity, str) else None
