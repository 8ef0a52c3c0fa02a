"""Trace context in and out: X-Amzn-Trace-Id and W3C traceparent together.

Precedence where both arrive: an X-Amzn-Trace-Id with Root and Parent (whoever wrote it made a segment, so
that it is the nearer caller), then a valid traceparent, then an X-Amzn-Trace-Id with Root alone, as a load
balancer adds it: it names the trace and no parent. Where both name the same trace, what one leaves out the
other tells. Where a traceparent goes before a Root alone, Lineage and fields yet unknown are kept all the
same, and so is that the caller asked for the decision.
"""

import re
from dataclasses import dataclass, replace

from opentelemetry.context import Context, create_key, get_value, set_value
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)

from xray.names import to_xray_trace_id
from xray.trace_header import HEADER_NAME, Sampled, TraceHeader, format_trace_header, parse_trace_header

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
FIELDS = {HEADER_NAME, TRACEPARENT, TRACESTATE}
INCOMING_KEY = create_key("incoming-trace")

RATE_MEMBER = "xray-rate"
"""A tracestate member of ours: how many requests the sampled trace stands for, where that is more than one.

The services called count their spans by it; neither traceparent nor X-Amzn-Trace-Id has a place for it.
"""

RATE_MAX = 10_000
"""What a caller's rate counts for at most."""
_RATE_MAX_DIGITS = 9
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_TRACEPARENT_MAX_CHARACTERS = 512
_TRACESTATE_MEMBER = re.compile(
    r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)
_TRACESTATE_MAX_CHARACTERS = 4096
_TRACESTATE_MAX_MEMBERS = 32
_SAMPLED_FLAGS = TraceFlags(TraceFlags.SAMPLED)
_NO_FLAGS = TraceFlags(TraceFlags.DEFAULT)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a caller told. `parent_id` None: a trace without a parent; `sampled` None: the decision is ours.

    `asked` is whether the caller wants to be told the decision (Sampled=?).
    """

    trace_id: int
    parent_id: int | None = None
    sampled: bool | None = None
    asked: bool = False
    extra: tuple[tuple[str, str], ...] = ()
    trace_state: TraceState | None = None

    @property
    def weight(self) -> int | None:
        """How many requests the caller's decision stands for; None where it doesn't tell."""
        told = self.trace_state.get(RATE_MEMBER) if self.trace_state is not None else None
        if told is None or not (told.isascii() and told.isdigit() and len(told) <= _RATE_MAX_DIGITS):
            return None
        return min(RATE_MAX, max(1, int(told)))

    def without_rate(self) -> "Incoming":
        """Return the same without the rate, which then travels on neither."""
        if self.trace_state is None or RATE_MEMBER not in self.trace_state:
            return self
        return replace(self, trace_state=self.trace_state.delete(RATE_MEMBER))

    def parent_context(self) -> SpanContext | None:
        """Return the parent as OpenTelemetry has it, or None without one."""
        if self.parent_id is None:
            return None
        flags = _SAMPLED_FLAGS if self.sampled else _NO_FLAGS
        return SpanContext(self.trace_id, self.parent_id, True, flags, self.trace_state)


def read_incoming(
    amazon: str | None, traceparent: str | None, tracestate: str | None = None
) -> Incoming | None:
    """Read the headers; None where they name no trace. Never raises: a broken header counts as absent."""
    ours = _from_amazon(parse_trace_header(amazon)) if amazon else None
    theirs = _from_traceparent(traceparent, tracestate) if traceparent else None
    if ours is None or theirs is None:
        return ours or theirs
    if ours.trace_id != theirs.trace_id:
        return replace(theirs, asked=ours.asked, extra=ours.extra) if ours.parent_id is None else ours
    return replace(
        ours,
        parent_id=theirs.parent_id if ours.parent_id is None else ours.parent_id,
        sampled=theirs.sampled if ours.sampled is None and not ours.asked else ours.sampled,
        trace_state=theirs.trace_state,
    )


def _from_amazon(header: TraceHeader) -> Incoming | None:
    if header.trace_id is None:
        return None
    asked = header.sampled is Sampled.REQUESTED
    sampled = None if header.sampled is None or asked else header.sampled is Sampled.YES
    return Incoming(header.trace_id, header.parent_id, sampled, asked, header.extra)


def _from_traceparent(text: str, tracestate: str | None) -> Incoming | None:
    match = _TRACEPARENT.fullmatch(text[:_TRACEPARENT_MAX_CHARACTERS].strip())
    if match is None or (match[1] == "00" and match[5]):
        return None
    trace_id, parent_id = int(match[2], 16), int(match[3], 16)
    if not trace_id or not parent_id:
        return None
    sampled = bool(int(match[4], 16) & TraceFlags.SAMPLED)
    return Incoming(trace_id, parent_id, sampled, trace_state=_trace_state(tracestate))


def _trace_state(text: str | None) -> TraceState | None:
    """Read a tracestate; a broken one counts as absent, which OpenTelemetry's own parser would log."""
    if not text or len(text) > _TRACESTATE_MAX_CHARACTERS:
        return None
    members = [member.strip(" \t") for member in text.split(",") if member.strip(" \t")]
    if len(members) > _TRACESTATE_MAX_MEMBERS or not all(map(_TRACESTATE_MEMBER.fullmatch, members)):
        return None
    pairs = {member.split("=", 1)[0]: member.split("=", 1)[1] for member in reversed(members)}
    return TraceState(list(pairs.items())[::-1])


def _with_rate(state: TraceState, rate: int | None) -> TraceState:
    """Return the state with the rate of a decision that was made here; another's passes unchanged."""
    if rate is None:
        return state
    others = [(key, value) for key, value in state.items() if key != RATE_MEMBER]
    own = [(RATE_MEMBER, str(rate))] if 1 < rate < 10**_RATE_MAX_DIGITS else []
    return TraceState([*own, *others][:_TRACESTATE_MAX_MEMBERS])


def context_of(incoming: Incoming, context: Context | None = None) -> Context:
    """Return the context with the caller in it: the parent, where there is one, and all that was told."""
    parent = incoming.parent_context()
    if parent is not None:
        context = set_span_in_context(NonRecordingSpan(parent), context)
    return set_value(INCOMING_KEY, incoming, context)


def incoming_of(context: Context | None) -> Incoming | None:
    """Return what the caller told, as `context_of` put it there."""
    value = get_value(INCOMING_KEY, context)
    return value if isinstance(value, Incoming) else None


def response_header(trace_id: int, incoming: Incoming | None, *, sampled: bool) -> str:
    """Return the response's X-Amzn-Trace-Id: Root, and the decision only for a caller who asked for it."""
    if incoming is not None and incoming.asked:
        return f"Root={to_xray_trace_id(trace_id)};Sampled={'1' if sampled else '0'}"
    return f"Root={to_xray_trace_id(trace_id)}"


class XRayAndW3CPropagator(TextMapPropagator):
    """Reads and writes X-Amzn-Trace-Id and traceparent with tracestate."""

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        """Return the context with the carrier's caller in it; the same context where it names none."""

        incoming = self.read(carrier, getter)
        if incoming is None:
            return context if context is not None else Context()
        return context_of(incoming, context)

    def read(self, carrier: CarrierT, getter: Getter[CarrierT]) -> Incoming | None:
        """Return what the carrier's caller told; None where it names none."""

        def first(name: str) -> str | None:
            values = getter.get(carrier, name) or getter.get(carrier, name.lower())
            return ",".join(values) if name == TRACESTATE and values else (values or [None])[0]  # type: ignore[list-item]

        return read_incoming(first(HEADER_NAME), first(TRACEPARENT), first(TRACESTATE))

    def inject(
        self, carrier: CarrierT, context: Context | None = None, setter: Setter[CarrierT] = default_setter
    ) -> None:
        """Write the current span into the carrier, with the fields that came with its trace."""
        current = get_current_span(context)
        self.write(carrier, current, context, setter, getattr(current, "sample_rate", None))

    def write(
        self,
        carrier: CarrierT,
        current: Span,
        context: Context | None,
        setter: Setter[CarrierT],
        rate: int | None,
    ) -> None:
        """Write a span into the carrier; `rate` is how many requests it stands for, None where not known."""
        span = current.get_span_context()
        if not span.is_valid:
            return
        incoming = incoming_of(context)
        same_trace = incoming is not None and incoming.trace_id == span.trace_id
        header = TraceHeader(
            span.trace_id,
            span.span_id,
            Sampled.YES if span.trace_flags.sampled else Sampled.NO,
            incoming.extra if incoming is not None and same_trace else (),
        )
        setter.set(carrier, HEADER_NAME, format_trace_header(header))
        flags = f"{int(span.trace_flags):02x}"
        setter.set(carrier, TRACEPARENT, f"00-{span.trace_id:032x}-{span.span_id:016x}-{flags}")
        state = _with_rate(span.trace_state, rate)
        if state:
            setter.set(carrier, TRACESTATE, state.to_header())

    @property
    def fields(self) -> set[str]:
        """The headers that are written."""
        return FIELDS
