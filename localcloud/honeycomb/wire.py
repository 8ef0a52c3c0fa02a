"""Looks over a protobuf body before it is parsed: a message of two bytes takes up to 160 in memory."""

from collections import Counter
from collections.abc import Mapping

from google.protobuf.descriptor import Descriptor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

UNCOUNTED_MAX_BYTES = 200_000
"""A body that isn't longer has at most 100,000 messages."""

SHALLOW_MAX_BYTES = 4_000_000
"""Of a body that isn't longer the spans alone are counted, not what is in them."""

_VARINT, _FIXED64, _DELIMITED, _GROUP, _END_OF_GROUP, _FIXED32 = range(6)
_BYTES = {_FIXED64: 8, _GROUP: 0, _END_OF_GROUP: 0, _FIXED32: 4}
"""Behind the tag. Of a group, which no message has any more, the fields count as the message's."""
_WIRE_TYPE_BITS = 3
_LONG_VARINT = 0x80
_VARINT_BITS = 64

_Fields = Mapping[int, Descriptor]


def holds_more(body: bytes, events_max: int, messages_max: int) -> bool:
    """Whether a trace request has more than `events_max` spans, span events and links, or too many messages.

    Whatever is no protobuf is for the parser to refuse; so is what lies in a message that isn't counted.
    """
    if len(body) <= UNCOUNTED_MAX_BYTES:
        return False
    is_deep = len(body) > SHALLOW_MAX_BYTES
    counts: Counter[str] = Counter()
    waiting = [(0, len(body), ExportTraceServiceRequest.DESCRIPTOR)]
    while waiting:
        position, end, kind = waiting.pop()
        fields = _messages_of(kind)
        while position < end:
            tag, position = _varint(body, position, end)
            wire_type = tag & ((1 << _WIRE_TYPE_BITS) - 1)
            if wire_type != _DELIMITED:
                position = _behind(body, position, end, wire_type)
                continue
            length, position = _varint(body, position, end)
            child = fields.get(tag >> _WIRE_TYPE_BITS)
            if child is not None and position + length <= end:
                counts["messages"] += 1
                counts["events"] += child.full_name in _EVENTS
                if counts["messages"] > messages_max or counts["events"] > events_max:
                    return True
                if length and (is_deep or child is not Span.DESCRIPTOR):
                    waiting.append((position, position + length, child))
            position += length
    return False


_EVENTS = tuple(kind.DESCRIPTOR.full_name for kind in (Span, Span.Event, Span.Link))
_known: dict[str, _Fields] = {}


def _messages_of(kind: Descriptor) -> _Fields:
    """Return the fields of this kind of message that are messages themselves, by number."""
    if kind.full_name not in _known:
        _known[kind.full_name] = {
            field.number: field.message_type for field in kind.fields if field.message_type is not None
        }
    return _known[kind.full_name]


def _varint(body: bytes, position: int, end: int) -> tuple[int, int]:
    """Return the number at `position` and where it ends: at `end` at most, and where it has too many bits."""
    number = shift = 0
    while position < end:
        byte = body[position]
        position += 1
        number |= (byte & (_LONG_VARINT - 1)) << shift
        if byte < _LONG_VARINT:
            return number, position
        shift += 7
        if shift > _VARINT_BITS:
            break
    return number, end


def _behind(body: bytes, position: int, end: int, wire_type: int) -> int:
    """Return where the value ends that begins at `position`; `end` for a wire type that no message has."""
    if wire_type == _VARINT:
        return _varint(body, position, end)[1]
    return position + _BYTES.get(wire_type, end)
