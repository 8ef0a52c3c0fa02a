"""What was asked and answered in one case, as it may be kept: named fields, the run's own things, redacted.

A recording is a list of ``{"call", "request", "status", "answer"}`` and of ``{"observed", "value"}``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts.conform.allowed import Owned, keep
from scripts.conform.shapes import shape_of

if TYPE_CHECKING:
    from scripts.conform.redaction import Redactor


class Recording:
    """The calls of one case."""

    def __init__(self, redactor: Redactor, owned: Owned) -> None:
        self._redactor = redactor
        self._owned = owned
        self._calls: list[dict[str, Any]] = []

    def add(self, call: str, request: Any, status: int, answer: Any) -> None:
        """Keep one call; what is kept is chosen and redacted at once."""
        shape = shape_of(call, status, text=isinstance(answer, str))
        kept = keep(answer, shape, self._owned.asked_by(call), self._redactor.learn)
        self._calls.append(
            {
                "call": self._redactor.redact(call),
                "request": self._redactor.redact(request),
                "status": status,
                "answer": self._redactor.redact(kept),
            }
        )

    def observe(self, what: str, value: Any) -> None:
        """Keep what a case found out beyond its claim; *value* is the run's own or nobody's."""
        self._calls.append({"observed": what, "value": self._redactor.redact(value)})

    def to_json(self) -> str:
        """Return the recording as a document."""
        return json.dumps(self._calls, indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"
