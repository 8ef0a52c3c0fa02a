"""The exceptions that a segment's cause tells, with the frame in which each was thrown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.traces.spans import Thrown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xray.segments import Node

EXCEPTIONS_MAX = 5
# The X-Ray SDKs write a stack with the innermost frame first, as Java does; this one writes the outermost
# first, as a traceback has it. Source: aws_xray_sdk 2.15.0, core/models/throwable.py.
_OUTERMOST_FIRST = "X-Ray for Python"


class Exceptions:
    """What the documents of one trace tell of exceptions; some name one of another document by its id."""

    def __init__(self, roots: Sequence[Node]) -> None:
        self._by_id: dict[str, Mapping[str, Any]] = {}
        self._outermost_first: set[int] = set()
        stack = [(root, False) for root in roots]
        while stack:
            node, reverse = stack.pop()
            if not node.is_subsegment:
                reverse = _sdk(node.document) == _OUTERMOST_FIRST
            if reverse:
                self._outermost_first.add(id(node))
            for one in _own(node):
                self._by_id.setdefault(str(one.get("id")), one)
            stack += [(child, reverse) for child in node.children]

    def of(self, node: Node) -> tuple[Thrown, ...]:
        """Return *node*'s exceptions, five at most, each before its cause."""
        reverse = id(node) in self._outermost_first
        cause = node.document.get("cause")
        if isinstance(cause, str):
            found = self._by_id.get(cause)
            return () if found is None else (_thrown(found, reverse=reverse),)
        return tuple(_thrown(one, reverse=reverse) for one in list(_own(node))[:EXCEPTIONS_MAX])


def _own(node: Node) -> Iterator[Mapping[str, Any]]:
    cause = node.document.get("cause")
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    if isinstance(exceptions, list):
        yield from (one for one in exceptions if isinstance(one, dict))


def _sdk(document: Mapping[str, Any]) -> object:
    aws = document.get("aws")
    xray = aws.get("xray") if isinstance(aws, dict) else None
    return xray.get("sdk") if isinstance(xray, dict) else None


def _thrown(exception: Mapping[str, Any], *, reverse: bool) -> Thrown:
    stack = exception.get("stack")
    frames = [frame for frame in stack if isinstance(frame, dict)] if isinstance(stack, list) else []
    frame = frames[-1 if reverse else 0] if frames else {}
    place = ":".join(str(frame[key]) for key in ("path", "line") if frame.get(key) is not None)
    label = f" in {frame['label']}" if frame.get("label") else ""
    return Thrown(
        str(exception.get("type") or "exception"),
        str(exception.get("message") or ""),
        f"{place}{label}".strip(),
    )
