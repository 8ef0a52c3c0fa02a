"""What the daemon counts."""

from collections import Counter

ALWAYS_SHOWN = (
    "received",
    "accepted",
    "rejected",
    "spillover",
    "forwarded",
    "unprocessed",
    "failed",
    "batches",
    "retries",
    "telemetry_records",
    "proxied",
    "proxy_failed",
)
"""Datagrams: received = accepted + rejected. Documents: accepted = forwarded + unprocessed + failed +
spillover + those still queued or on their way. The others: requests."""


class Counters:
    """Sums since the daemon started; a detail is counted under its sum as `sum.detail`."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1, *, detail: str | None = None) -> None:
        """Raise `name`, and `name.detail` where a detail is given, by `amount`."""
        self._sums[name] += amount
        if detail is not None:
            self._sums[f"{name}.{detail}"] += amount

    def __getitem__(self, name: str) -> int:
        return self._sums[name]

    def snapshot(self) -> dict[str, int]:
        """Return every sum by name; the sums in `ALWAYS_SHOWN` also where they are 0."""
        shown = dict.fromkeys(ALWAYS_SHOWN, 0)
        shown.update(sorted(self._sums.items()))
        return shown
