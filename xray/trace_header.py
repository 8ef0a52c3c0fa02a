"""The X-Amzn-Trace-Id header in all its forms.

Source: "Tracing header" in the X-Ray developer guide: `Root=1-8hex-24hex;Parent=16hex;Sampled=0|1|?`,
in any order, with spaces or without; a load balancer may send Root alone, and adds Self, which is its own;
Lineage and keys yet unknown travel on.
"""

from dataclasses import dataclass
from enum import Enum

from xray.names import from_xray_trace_id, is_entity_id, to_xray_trace_id

HEADER_NAME = "X-Amzn-Trace-Id"
HEADER_MAX_CHARACTERS = 4096
EXTRA_MAX_CHARACTERS = 512


class Sampled(Enum):
    """The decision that a header carries; no decision at all is None where one is expected."""

    NO = "0"
    YES = "1"
    REQUESTED = "?"


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """What an X-Amzn-Trace-Id header says; what it doesn't say, or says wrongly, is None.

    `extra` holds the other fields in their order, Lineage among them.
    """

    trace_id: int | None = None
    parent_id: int | None = None
    sampled: Sampled | None = None
    extra: tuple[tuple[str, str], ...] = ()


def parse_trace_header(text: str) -> TraceHeader:
    """Read a header; never raises. A field that is broken counts as absent; so does a long header's tail."""
    trace_id = parent_id = sampled = None
    extra: list[tuple[str, str]] = []
    room = EXTRA_MAX_CHARACTERS
    for part in text[:HEADER_MAX_CHARACTERS].split(";"):
        key, separator, value = part.partition("=")
        key, value = key.strip(), value.strip()
        if not separator or not key:
            continue
        match key.lower():
            case "root":
                trace_id = _trace_id(value)
            case "parent":
                parent_id = _parent_id(value)
            case "sampled":
                sampled = Sampled(value) if value in {"0", "1", "?"} else None
            case "self":
                continue
            case _ if _is_header_text(key) and _is_header_text(value) and len(part) < room:
                extra.append((key, value))
                room -= len(part) + 1
    return TraceHeader(trace_id, parent_id, sampled, tuple(extra))


def format_trace_header(header: TraceHeader) -> str:
    """Write a header: Root, Parent, Sampled, then the rest in its order; what is None is left out."""
    fields = []
    if header.trace_id is not None:
        fields.append(f"Root={to_xray_trace_id(header.trace_id)}")
    if header.parent_id is not None:
        fields.append(f"Parent={header.parent_id:016x}")
    if header.sampled is not None:
        fields.append(f"Sampled={header.sampled.value}")
    fields += [f"{key}={value}" for key, value in header.extra]
    return ";".join(fields)


def _trace_id(value: str) -> int | None:
    try:
        return from_xray_trace_id(value)
    except ValueError:
        return None


def _parent_id(value: str) -> int | None:
    return (int(value, 16) or None) if is_entity_id(value) else None


def _is_header_text(text: str) -> bool:
    """Keep only what can stand in an outgoing HTTP header: visible ASCII."""
    return text.isascii() and text.isprintable() and " " not in text
