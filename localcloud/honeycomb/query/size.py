"""How long a result becomes as JSON, while it is put together."""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.honeycomb.query.errors import QueryFailed

RESULT_MAX_BYTES = 16 * 1024 * 1024
"""Of one result as JSON; ours, to bound memory."""

NUMBER_BYTES = 28
"""Of a number at most, with what is around it."""

POINT_BYTES = 64
"""Of a point's time, with what is around it and its data."""

BIN_BYTES = 110
"""Of a heatmap's bin at most."""


class ResultSize:
    """Adds up what a result has, at least."""

    def __init__(self) -> None:
        self._bytes = 0

    def add(self, size: int) -> None:
        """Count so many bytes more. Raises QueryFailed where there are too many."""
        self._bytes += size
        if self._bytes > RESULT_MAX_BYTES:
            raise QueryFailed(
                f"the result has more than {RESULT_MAX_BYTES // 1024**2} MiB: use fewer or shorter"
                " breakdowns, a lower limit, a greater granularity, or disable_series"
            )


def size_of(document: Mapping[str, Any]) -> int:
    """Return how many bytes an object has as JSON."""
    return len(json.dumps(document))
