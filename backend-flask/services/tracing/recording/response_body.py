"""A response's body, iterated in the context of its request."""

import sys
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType

from opentelemetry.context import Context, attach, detach

End = Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], None]


class RecordedBody:
    """Passes a body on; spans made while it is generated are the request's. `end` is called once, after it.

    The context is attached for each part alone: between parts the thread belongs to the server. `size` is
    how many bytes have passed.
    """

    def __init__(self, body: Iterable[bytes], context: Context, end: End | None) -> None:
        self._body = body
        self._parts: Iterator[bytes] | None = None
        self._context = context
        self._end = end
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        token = attach(self._context)
        try:
            if self._parts is None:
                self._parts = iter(self._body)
            part = next(self._parts)
        except StopIteration:
            raise
        except BaseException:
            self._ended(*sys.exc_info())
            raise
        finally:
            detach(token)
        self.size += len(part)
        return part

    def close(self) -> None:
        """Close the body and end the span."""
        token = attach(self._context)
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        except BaseException:
            self._ended(*sys.exc_info())
            raise
        finally:
            detach(token)
        self._ended(None, None, None)

    def _ended(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end, self._end = self._end, None
        if end is not None:
            end(kind, error, trace)
