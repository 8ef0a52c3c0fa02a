"""The last calls that the AWS endpoint answered."""

from collections import deque
from dataclasses import asdict, dataclass

CALLS_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `operation` is AWS's name for it, or the method and path where it has none."""

    service: str
    operation: str
    access_key: str
    status: int


class CallLog:
    """A bounded list of calls, newest last. Appending and listing are safe from several threads."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    def add(self, call: Call) -> None:
        """Remember a call and forget the oldest where there are too many."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def as_documents(self) -> list[dict[str, str | int]]:
        """Return the calls for JSON."""
        return [asdict(call) for call in self._calls.copy()]
