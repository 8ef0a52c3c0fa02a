"""One trace's documents, those that are stored and those that came since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

TRACE_MAX_BYTES = 500 * 1024
"""Of documents (source: X-Ray's quotas, 100 to 500 KB a trace)."""


@dataclass(slots=True)
class Merged:
    """A trace's documents by id, in the order of their first arrival. `revision` counts the changes."""

    revision: int = 0
    limit_exceeded: bool = False
    texts: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def stored(cls, revision: int, limit_exceeded: bool, texts: Iterable[bytes]) -> "Merged":
        """Return a trace as it was stored."""
        merged = cls(revision, limit_exceeded)
        for text in texts:
            document = orjson.loads(text)
            merged.texts[document["id"]] = text
            merged.documents[document["id"]] = document
        return merged

    def add(self, texts: Iterable[bytes]) -> int | None:
        """Take documents in; a complete one takes the place of the one in progress, never the other way.

        What would make the trace longer than X-Ray keeps is left out. Returns the place of the last one that
        was taken, None where the trace is as it was.
        """
        size = sum(map(len, self.texts.values()))
        last = None
        for place, text in enumerate(texts):
            document = orjson.loads(text)
            identity = document["id"]
            known = self.documents.get(identity)
            if known is not None and known.get("end_time") is not None and document.get("end_time") is None:
                continue
            grown = size + len(text) - len(self.texts.get(identity, b""))
            if grown > TRACE_MAX_BYTES:
                self.limit_exceeded = True
                continue
            size = grown
            self.texts[identity] = text
            self.documents[identity] = document
            self.revision += 1
            last = place
        return last
