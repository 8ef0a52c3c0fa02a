"""A recording span that costs little: plain dictionaries, no lock, no copy at the end.

It is a ReadableSpan, so that any SpanProcessor and exporter takes it, and follows OpenTelemetry's limits
(OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and the like).
"""

from collections.abc import Callable, Mapping, Sequence
from time import time_ns
from types import MappingProxyType, TracebackType
from typing import Any, cast

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace import Span as ApiSpan

from services.tracing.recording.attribute_values import checked_attributes, long_bytes_of, long_bytes_within
from services.tracing.recording.exception_texts import message_of, stack_trace_of, status_description
from services.tracing.recording.span_bounds import LONG_CHARACTERS, SpanBounds

_UNSET = Status(StatusCode.UNSET)
_SCALARS = frozenset({str, int, float, bool})


class Span(ReadableSpan, ApiSpan):
    """A span that is being recorded. `on_end` takes it once, when it ends.

    Attributes:
        sample_rate: how many requests the span stands for, None where that isn't known here.
        long_bytes: about how much memory its long texts take.
    """

    def __init__(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: dict[str, Any],
        *,
        resource: Resource,
        scope: InstrumentationScope,
        bounds: SpanBounds,
        on_end: "Callable[[Span], None]",
        start_time: int | None = None,
        sample_rate: int | None = None,
    ) -> None:
        self._name = name
        self._context = context
        self._parent = parent
        self._kind = kind
        self._attributes: dict[str, Any] = attributes
        self._events: list[Event] = []
        self._links: list[Link] = []
        self._status = _UNSET
        self._resource = resource
        self._instrumentation_scope = scope
        self._bounds = bounds
        self._on_end = on_end
        self._end_time: int | None = None
        self.sample_rate = sample_rate
        self.long_bytes = 0
        self._start_time = time_ns() if start_time is None else start_time

    # What was dropped, and what the SDK's own class keeps for the past, is rarely asked for.
    _dropped_attributes = 0
    _dropped_events = 0
    _dropped_links = 0
    _instrumentation_info = None
    # Asked for once in a while, too: what becomes of an exception that leaves the span.
    _records_exceptions = True
    _sets_status_on_exception = True

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes."""
        return MappingProxyType(self._attributes)

    @property
    def events(self) -> Sequence[Event]:
        """The events in the order of their making."""
        return self._events

    @property
    def links(self) -> Sequence[Link]:
        """The links."""
        return self._links

    @property
    def dropped_attributes(self) -> int:
        """How many attributes the limit cost."""
        return self._dropped_attributes

    @property
    def dropped_events(self) -> int:
        """How many events the limit cost."""
        return self._dropped_events

    @property
    def dropped_links(self) -> int:
        """How many links the limit cost."""
        return self._dropped_links

    def get_span_context(self) -> SpanContext:
        """Return the ids."""
        return cast(SpanContext, self._context)

    def is_recording(self) -> bool:
        """Tell whether the span hasn't ended."""
        return self._end_time is None

    def set_attribute(self, key: str, value: Any) -> None:
        """Set an attribute; one beyond the limit is dropped and counted, one of no valid kind ignored."""
        if self._end_time is not None:
            return
        attributes = self._attributes
        if key.__class__ is not str or not 0 < len(key) <= LONG_CHARACTERS:
            key = self._unusual_key(key)
            if not key:
                self._dropped_attributes += 1
                return
        if key not in attributes and len(attributes) >= self._bounds.attributes:
            self._dropped_attributes += 1
            return
        if value.__class__ in _SCALARS:
            if value.__class__ is str and len(value) > self._bounds.long_from:
                value = self._long(value)
            attributes[key] = value
        else:
            self._set_unusual(key, value)

    def set_known(self, key: str, value: str | int | bool) -> None:
        """Set an attribute of the recorder's own, valid: the limit on their number is the application's."""
        if self._end_time is None:
            if value.__class__ is str and len(value) > self._bounds.long_from:
                value = self._long(value)
            self._attributes[key] = value

    def bound_texts(self) -> None:
        """Cut and weigh the texts that the span began with."""
        attributes = self._attributes
        for key, value in attributes.items():
            if value.__class__ is str and len(value) > self._bounds.long_from:
                attributes[key] = self._long(value)

    def leave_exceptions(self, *, record: bool, set_status: bool) -> None:
        """Choose what `with span:` does about an exception."""
        self._records_exceptions = record
        self._sets_status_on_exception = set_status

    def _long(self, text: str) -> str:
        text = text[: self._bounds.span_text]
        self.long_bytes += long_bytes_of(text)
        return text

    def _unusual_key(self, key: Any) -> str:
        """Return a key as plain text, a long one weighed; empty for what is no key."""
        if not isinstance(key, str):
            return ""
        plain: str = str.__str__(key)
        if plain not in self._attributes:
            self.long_bytes += long_bytes_of(plain)
        return plain

    def _set_unusual(self, key: str, value: Any) -> None:
        if isinstance(value, str):
            self.set_attribute(key, str.__str__(value))
            return
        checked = checked_attributes({key: value}, None, self._bounds.span_text)
        self._dropped_attributes += checked.dropped
        for name, item in checked.items():
            self._attributes[name] = item
            self.long_bytes += long_bytes_of(item)

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Set several attributes."""
        if isinstance(attributes, Mapping):
            for key, value in attributes.items():
                self.set_attribute(key, value)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        """Add an event; one beyond the limit is dropped and counted."""
        if self._end_time is not None:
            return
        bounds = self._bounds
        if len(self._events) >= bounds.events:
            self._dropped_events += 1
            return
        checked = checked_attributes(attributes, bounds.event_attributes, bounds.text)
        self.long_bytes += long_bytes_of(name) + long_bytes_within(checked)
        self._events.append(
            Event(name, checked, time_ns() if timestamp is None else timestamp, bounds.event_attributes)
        )

    def add_link(self, context: SpanContext, attributes: Any = None) -> None:
        """Add a link; one beyond the limit is dropped and counted."""
        if self._end_time is not None or context is None or not (context.is_valid or attributes):
            return
        bounds = self._bounds
        if len(self._links) >= bounds.links:
            self._dropped_links += 1
            return
        checked = checked_attributes(attributes, bounds.link_attributes, bounds.text)
        self.long_bytes += long_bytes_within(checked)
        self._links.append(Link(context, checked))

    def update_name(self, name: str) -> None:
        """Name the span anew."""
        if self._end_time is None and isinstance(name, str):
            self._name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the status; once it is OK it stays, and nothing makes it unset again."""
        if self._end_time is not None or self._status.status_code is StatusCode.OK:
            return
        new = Status(status, description) if isinstance(status, StatusCode) else status
        if isinstance(new, Status) and not new.is_unset:
            self._status = new

    def record_exception(
        self,
        exception: BaseException,
        attributes: Any = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Add the event `exception` with type, message and stack trace."""
        kind = type(exception)
        module, name = kind.__module__, kind.__qualname__
        self.add_event(
            "exception",
            {
                "exception.type": name if module in {None, "", "builtins"} else f"{module}.{name}",
                "exception.message": message_of(exception),
                "exception.stacktrace": stack_trace_of(exception),
                "exception.escaped": str(escaped),
                **(attributes if isinstance(attributes, Mapping) else {}),
            },
            timestamp,
        )

    def end(self, end_time: int | None = None) -> None:
        """End the span; does nothing the second time, in whichever thread."""
        ended = time_ns() if end_time is None else end_time
        # One step for the interpreter: of two threads that end a span one alone finds its own value.
        if self.__dict__.setdefault("_ended_by", mark := object()) is mark:
            self._end_time = ended
            name = self._name
            if self._status is not _UNSET or name.__class__ is not str or len(name) > LONG_CHARACTERS:
                self.long_bytes += long_bytes_of(name) + long_bytes_of(self._status.description)
            self._on_end(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Record an exception and end the span."""
        if error is not None and self._end_time is None:
            if self._records_exceptions:
                self.record_exception(error, escaped=True)
            if self._sets_status_on_exception:
                self.set_status(StatusCode.ERROR, status_description(error))
        self.end()
