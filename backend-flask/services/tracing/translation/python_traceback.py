"""Python's tracebacks, read back from their text."""

import re
from dataclasses import dataclass
from typing import Any

from services.tracing.translation.values import whole_number

FRAMES_MAX = 50

_CHAIN = re.compile(
    r"^(?:During handling of the above exception, another exception occurred"
    r"|The above exception was the direct cause of the following exception):$",
    re.MULTILINE,
)
_FRAME = re.compile(r'^[ |]* File "(?P<path>.*)", line (?P<line>\d+)(?:, in (?P<label>.*))?$')
_GROUP_MEMBER = re.compile(r"^[ |]*\+-\+-+ ")


@dataclass(frozen=True, slots=True)
class ParsedException:
    """One exception of a chain.

    `stack` has X-Ray's form, innermost frame first; `dropped` counts the frames beyond FRAMES_MAX.
    """

    type: str
    message: str
    stack: list[dict[str, Any]]
    dropped: int


def parse_traceback(stacktrace: str) -> list[ParsedException]:
    """Return the exceptions of a traceback, the one raised last first, each followed by what it came from."""
    return [_parse_part(part) for part in reversed(_CHAIN.split(stacktrace))]


def _parse_part(part: str) -> ParsedException:
    frames: list[dict[str, Any]] = []
    summary: list[str] = []
    for line in part.splitlines():
        if _GROUP_MEMBER.match(line):
            break  # what follows are the members of an exception group, each with a traceback of its own
        frame = _FRAME.match(line)
        if frame and not summary:
            line_number = whole_number(frame["line"]) or 0
            frames.append({"path": frame["path"], "line": line_number, "label": frame["label"] or ""})
        elif summary or _starts_summary(line):
            summary.append(line)
    name, _, message = "\n".join(summary).strip().partition(": ")
    frames.reverse()
    return ParsedException(name.rstrip(":"), message, frames[:FRAMES_MAX], max(0, len(frames) - FRAMES_MAX))


def _starts_summary(line: str) -> bool:
    """The line `type: message` stands at the margin; source, carets and tildes are indented."""
    return bool(line) and not line[0].isspace() and not line.startswith(("Traceback (", "+", "|"))
