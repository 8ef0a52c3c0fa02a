"""What daemons tell of themselves (source: the X-Ray API, PutTelemetryRecords)."""

from collections import deque
from typing import Any

RECORDS_KEPT = 1000


class TelemetryRecords:
    """The last records, newest last."""

    def __init__(self) -> None:
        self._records: deque[dict[str, Any]] = deque(maxlen=RECORDS_KEPT)

    def put(self, records: list[dict[str, Any]], sender: dict[str, Any]) -> None:
        """Keep records together with who sent them."""
        self._records.extend({**sender, **record} for record in records)

    def all(self) -> list[dict[str, Any]]:
        """Return the records that are kept."""
        return list(self._records)
