"""A tracer whose spans cost little: see span.py. The decisions are the sampler's, as in OpenTelemetry."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace.sampling import Decision as SpanDecision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import Span as ApiSpan
from opentelemetry.trace import Tracer as ApiTracer

from services.tracing.propagation import Incoming, incoming_of
from services.tracing.recording.exception_texts import status_description
from services.tracing.recording.span import Span
from services.tracing.recording.span_bounds import LONG_CHARACTERS
from services.tracing.rules.reservoir import Decision

if TYPE_CHECKING:
    from services.tracing.recording.provider import Provider

_Function = TypeVar("_Function", bound=Callable[..., Any])
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)


class Tracer(ApiTracer):
    """Makes spans of one instrumentation scope."""

    def __init__(self, provider: "Provider", scope: InstrumentationScope) -> None:
        self._provider = provider
        self._scope = scope

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Any = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> ApiSpan:
        """Start a span: below a span of ours without asking again, else as the sampler decides."""
        provider = self._provider
        above = get_current_span(context)
        parent: SpanContext | None = above.get_span_context()
        if isinstance(above, Span) and provider.follows_parents:
            near, rate = above.get_span_context(), above.sample_rate
            new_id = provider.id_generator.generate_span_id()
            own = SpanContext(near.trace_id, new_id, False, _SAMPLED, near.trace_state)
        elif above.__class__ is NonRecordingSpan and provider.follows_parents and _is_local_no(parent):
            return above
        else:
            if parent is None or not parent.is_valid:
                parent, trace_id = None, self._root_id(context)
            else:
                trace_id = parent.trace_id
            result = provider.sampler.should_sample(context, trace_id, name, kind, attributes, links)
            sampled = result.decision is SpanDecision.RECORD_AND_SAMPLE
            own = SpanContext(
                trace_id,
                provider.id_generator.generate_span_id(),
                False,
                _SAMPLED if sampled else _NOT_SAMPLED,
                result.trace_state,
            )
            if not sampled:
                return NonRecordingSpan(own)
            rate = getattr(result, "sample_rate", None)
            if rate is None and parent is not None:
                rate = getattr(above, "sample_rate", None)
        span = self._recording(name, own, parent, kind, attributes, links, start_time, rate, context)
        if not (record_exception and set_status_on_exception):
            span.leave_exceptions(record=record_exception, set_status=set_status_on_exception)
        return span

    def _root_id(self, context: Context | None) -> int:
        """Return the trace id that a caller gave without a parent, as a load balancer does, or a new one."""
        incoming = incoming_of(context)
        if incoming is not None and incoming.parent_id is None:
            return incoming.trace_id
        return self._provider.id_generator.generate_trace_id()

    def _recording(
        self,
        name: str,
        own: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: Mapping[str, Any] | None,
        links: Sequence[Link] | None,
        start_time: int | None,
        sample_rate: int | None,
        context: Context | None,
    ) -> Span:
        provider = self._provider
        span = Span(
            name,
            own,
            parent,
            kind,
            {},
            resource=provider.resource,
            scope=self._scope,
            bounds=provider.bounds,
            on_end=provider.ended,
            start_time=start_time,
            sample_rate=sample_rate,
        )
        if attributes:
            span.set_attributes(attributes)
        for link in links or ():
            span.add_link(link.context, link.attributes)
        if provider.is_watched:
            provider.started(span, context)
        return span

    def start_server_span(
        self,
        name: str,
        context: Context,
        attributes: dict[str, Any],
        incoming: Incoming | None,
        decision: Decision | None,
    ) -> ApiSpan:
        """Start a request's span; `context` holds what `incoming` tells of the caller.

        `decision` None leaves it to the sampler. `attributes` become the span's own.
        """
        provider = self._provider
        if incoming is None:
            trace_id, parent = provider.id_generator.generate_trace_id(), None
        else:
            trace_id, parent = incoming.trace_id, incoming.parent_context()
        if decision is None:
            result = provider.sampler.should_sample(context, trace_id, name, SpanKind.SERVER, attributes)
            sampled, rate = result.decision is SpanDecision.RECORD_AND_SAMPLE, None
        else:
            sampled, rate = decision.sampled, decision.weight
        own = SpanContext(
            trace_id,
            provider.id_generator.generate_span_id(),
            False,
            _SAMPLED if sampled else _NOT_SAMPLED,
            None if parent is None else parent.trace_state,
        )
        if not sampled:
            return NonRecordingSpan(own)
        bounds = provider.bounds
        span = Span(
            name,
            own,
            parent,
            SpanKind.SERVER,
            attributes,
            resource=provider.resource,
            scope=self._scope,
            bounds=bounds,
            on_end=provider.ended,
            sample_rate=rate,
        )
        # The other texts of a request's attributes are cut already.
        if bounds.long_from < LONG_CHARACTERS or len(attributes["url.path"]) > LONG_CHARACTERS:
            span.bound_texts()
        if provider.is_watched:
            provider.started(span, context)
        return span

    def start_as_current_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Any = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Any:
        """Return a context manager, also a decorator, in which a new span is current."""
        return _CurrentSpan(
            self,
            (name, context, kind, attributes, links, start_time, record_exception, set_status_on_exception),
            record_exception=record_exception,
            set_status=set_status_on_exception,
            end_on_exit=end_on_exit,
        )


def _is_local_no(parent: SpanContext | None) -> bool:
    """Tell whether the parent is of this process and not sampled: it stands for all that is below it."""
    return parent is not None and parent.is_valid and not parent.is_remote and not parent.trace_flags.sampled


class _CurrentSpan:
    """Makes a new span current, and ends it, as OpenTelemetry's `use_span` does, without generators."""

    __slots__ = (
        "_arguments",
        "_end_on_exit",
        "_record_exception",
        "_set_status",
        "_span",
        "_token",
        "_tracer",
    )

    def __init__(
        self,
        tracer: Tracer,
        arguments: tuple[Any, ...],
        *,
        record_exception: bool,
        set_status: bool,
        end_on_exit: bool,
    ) -> None:
        self._tracer = tracer
        self._arguments = arguments
        self._record_exception = record_exception
        self._set_status = set_status
        self._end_on_exit = end_on_exit

    def __enter__(self) -> ApiSpan:
        self._span = span = self._tracer.start_span(*self._arguments)
        self._token = attach(set_span_in_context(span))
        return span

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        span = self._span
        detach(self._token)
        try:
            # What is no Exception (GeneratorExit, SystemExit) is no error of the work in the span.
            if isinstance(error, Exception) and span.is_recording():
                if self._record_exception:
                    span.record_exception(error)
                if self._set_status:
                    span.set_status(StatusCode.ERROR, status_description(error))
        finally:
            if self._end_on_exit:
                span.end()

    def __call__(self, function: _Function) -> _Function:
        """Return the function with a span around each call; a coroutine's lasts until it is done."""

        @wraps(function)
        def wrapper(*arguments: Any, **named: Any) -> Any:
            with self._again():
                return function(*arguments, **named)

        @wraps(function)
        async def async_wrapper(*arguments: Any, **named: Any) -> Any:
            with self._again():
                return await function(*arguments, **named)

        return cast(_Function, async_wrapper if iscoroutinefunction(function) else wrapper)

    def _again(self) -> "_CurrentSpan":
        return _CurrentSpan(
            self._tracer,
            self._arguments,
            record_exception=self._record_exception,
            set_status=self._set_status,
            end_on_exit=self._end_on_exit,
        )
