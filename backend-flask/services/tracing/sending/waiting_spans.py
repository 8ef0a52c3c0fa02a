"""Spans whose datagrams wait for another try: few, and not for long."""

from collections import deque
from collections.abc import Sequence

Datagrams = list[bytes]
"""Of one span: those that are yet to be sent, one at least."""

WAIT_SECONDS = 10.0
"""Longer than a daemon needs to start anew."""
SPANS_MAX = 512
BYTES_MAX = 8 * 1024 * 1024


class WaitingSpans:
    """Spans in their order, each with the time at which it is given up."""

    def __init__(self) -> None:
        self._spans: deque[tuple[float, Datagrams]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def is_full(self) -> bool:
        """Tell whether there is room for no more."""
        return len(self._spans) >= SPANS_MAX or self._bytes >= BYTES_MAX

    def add(self, spans: Sequence[Datagrams], now: float) -> int:
        """Let them wait from now on; return how many there was no room for."""
        for position, span in enumerate(spans):
            if self.is_full:
                return len(spans) - position
            self._spans.append((now + WAIT_SECONDS, span))
            self._bytes += sum(map(len, span))
        return 0

    def take(self, most: int) -> list[tuple[float, Datagrams]]:
        """Take out the first ones, to be tried."""
        taken = [self._spans.popleft() for _ in range(min(most, len(self._spans)))]
        self._bytes -= _size(taken)
        return taken

    def put_back(self, spans: Sequence[tuple[float, Datagrams]]) -> None:
        """Let those that were taken out wait on, in their old place."""
        self._spans.extendleft(reversed(spans))
        self._bytes += _size(spans)

    def give_up(self, now: float) -> int:
        """Forget those whose time is over; return how many they were."""
        count = 0
        while self._spans and self._spans[0][0] <= now:
            self.take(1)
            count += 1
        return count


def _size(spans: Sequence[tuple[float, Datagrams]]) -> int:
    return sum(len(datagram) for _, span in spans for datagram in span)
