"""A response's headers, as the recorder reads and completes them."""

from collections.abc import Iterable

from services.tracing.recording.server_span import LENGTH_MAX_DIGITS
from xray.trace_header import HEADER_NAME

Header = tuple[str, str]

_LENGTH, _TRACE = "content-length", HEADER_NAME.lower()
_LENGTH_CHARACTERS, _TRACE_CHARACTERS = len(_LENGTH), len(_TRACE)


def with_trace(headers: Iterable[Header], trace: str) -> tuple[list[Header], int | None]:
    """Return the headers with X-Amzn-Trace-Id, and the body's length in bytes.

    The length is None where the body isn't made yet: what is generated has none. A trace that is there
    already, of a recorder further in or passed on from another service, is not that of this request.
    """
    answer, length = [*headers], None
    for name, value in answer:
        size = len(name)
        if size == _LENGTH_CHARACTERS:
            if name.lower() == _LENGTH and value.isascii() and value.isdigit():
                length = int(value) if len(value) <= LENGTH_MAX_DIGITS else None
        elif size == _TRACE_CHARACTERS and name.lower() == _TRACE:
            answer = [pair for pair in answer if pair[0].lower() != _TRACE]
    answer.append((HEADER_NAME, trace))
    return answer, length
