"""One command's trace while it runs: the root span, a span for each step, and Terragrunt's as they come.

Nothing of it is the process's own: no global tracer, and no OTEL_ variable changes what is recorded.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from scripts.telemetry import parent as traceparent
from scripts.telemetry.place import Place
from scripts.telemetry.receiver import Receiver
from scripts.telemetry.spans import Span, shown, worth_sending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan

    from scripts.session import Session
    from scripts.telemetry.parent import Parent
    from scripts.telemetry.spans import Value
    from scripts.terragrunt.log import Changes

EXPORTER = "TG_TELEMETRY_TRACE_EXPORTER"
_COUNTS = ("imported", "added", "changed", "destroyed")
_STEPS_MAX = 2_000
_TERRAGRUNT_DELAY_MILLISECONDS = "20"
"""How long an ended span waits: an interrupted Terragrunt gives its exporter no time to send what is left."""
_ATTRIBUTES_MAX = 128
_NO_OTHERS = ("max_attributes", "max_events", "max_links", "max_event_attributes", "max_link_attributes")


class _Kept(SpanProcessor):
    """Keeps the spans that have ended; ``refused`` counts those beyond the bound."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self.refused = 0

    def on_end(self, span: ReadableSpan) -> None:
        # The root ends last, and is never left out.
        if len(self.spans) < _STEPS_MAX or span.name.startswith("make "):
            self.spans.append(span)
        else:
            self.refused += 1


class Recording:
    """The trace of one run of *command*; the root span begins with it."""

    def __init__(self, command: str, parent: Parent | None = None) -> None:
        self._kept = _Kept()
        provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({}),
            id_generator=AwsXRayIdGenerator(),
            # Named one by one: what is not comes from OTEL_ variables, which are about other programs.
            span_limits=SpanLimits(
                max_span_attributes=_ATTRIBUTES_MAX,
                max_attribute_length=SpanLimits.UNSET,
                max_span_attribute_length=SpanLimits.UNSET,
                **dict.fromkeys(_NO_OTHERS, 0),
            ),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(self._kept)
        self._tracer = provider.get_tracer("scripts")
        self._remote_id = parent.span_id if parent else 0
        self._root = self._tracer.start_span(f"make {command}", context=_remote(parent))
        self._root.set_attribute("command", command)
        self._receiver: Receiver | None = None
        self._totals = dict.fromkeys(_COUNTS, 0)
        self._by_unit: dict[str, dict[str, int]] = {}
        self._units: dict[str, None] = {}
        self.place: Place | None = None
        self.began = time.time()

    @property
    def trace_id(self) -> int:
        """The trace's id."""
        return self._root.get_span_context().trace_id

    @property
    def refused(self) -> int:
        """How many spans there were beyond what is kept."""
        return self._kept.refused + (self._receiver.refused if self._receiver else 0)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record the block as a span below the one that runs; of an error only that there was one."""
        with self._tracer.start_as_current_span(
            str(shown(name)), context=self._context(), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException:
                span.set_status(StatusCode.ERROR)
                raise

    def note_session(self, session: Session, verb: str) -> None:
        """Note where the trace is to go, and which units *verb* is about to run in."""
        if self.place is None:
            self.place = Place.of(session)
            self._root.set_attribute("environment", session.environment.name)
        if verb == "destroy":
            self.place.read_key_ahead()
        self._units |= dict.fromkeys(session.units)
        self._root.set_attribute("units", ", ".join(self._units))

    def note(self, name: str, value: str | int) -> None:
        """Set an attribute of the root span."""
        self._root.set_attribute(name, shown(value))

    def note_changes(self, changes: Mapping[str, Changes]) -> None:
        """Note each unit's changes, and add them to those of earlier runs and to the command's."""
        for unit, found in changes.items():
            so_far = self._by_unit.setdefault(unit, dict.fromkeys(_COUNTS, 0))
            counts = {name: so_far[name] + getattr(found, name) for name in _COUNTS}
            said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            self._root.set_attribute(f"changes.{unit or 'unknown'}", said or "none")
            for name in _COUNTS:
                self._totals[name] += getattr(found, name)
                self._root.set_attribute(f"{name}.total", self._totals[name])
            so_far.update(counts)

    def child_variables(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return *variables* for Terragrunt, with this trace as its own and its spans sent here.

        Where the caller has Terragrunt's spans go elsewhere they do; they are in the same trace all the same.
        """
        current = get_current_span(self._context()).get_span_context()
        ours = {traceparent.VARIABLE: traceparent.write(self.trace_id, current.span_id)}
        if variables.get(EXPORTER):
            return {**variables, **ours}
        if self._receiver is None:
            self._receiver = Receiver(self.trace_id)
        # Variables of OpenTelemetry's own would change where Terragrunt sends, and with which headers.
        kept = {name: value for name, value in variables.items() if not name.startswith("OTEL_")}
        return {
            **kept,
            **ours,
            EXPORTER: "http",
            "TG_TELEMETRY_TRACE_EXPORTER_HTTP_ENDPOINT": self._receiver.address,
            "TG_TELEMETRY_TRACE_EXPORTER_INSECURE_ENDPOINT": "true",
            "OTEL_BSP_SCHEDULE_DELAY": _TERRAGRUNT_DELAY_MILLISECONDS,
        }

    def end(self, exit_code: int) -> tuple[Span, list[Span]]:
        """End the root span; return it, and all spans that are worth sending, it among them."""
        self._root.set_attribute("exit_code", exit_code)
        if exit_code:
            self._root.set_status(StatusCode.ERROR)
        if self._receiver is not None:
            self._receiver.close()
        self._root.end()
        own = [_span(one) for one in self._kept.spans]
        root = next(span for span in own if span.span_id == self._root.get_span_context().span_id)
        return root, worth_sending([*own, *(self._receiver.spans() if self._receiver else ())])

    def _context(self) -> Context | None:
        """Return the context of the span that runs in this thread; where there is none, the root's."""
        current = get_current_span().get_span_context()
        return None if current.trace_id == self.trace_id else set_span_in_context(self._root)


def _remote(parent: Parent | None) -> Context | None:
    if parent is None:
        return None
    flags = TraceFlags(TraceFlags.SAMPLED)
    return set_span_in_context(
        NonRecordingSpan(SpanContext(parent.trace_id, parent.span_id, is_remote=True, trace_flags=flags))
    )


def _span(one: ReadableSpan) -> Span:
    attributes: dict[str, Value] = {
        name: shown(value)
        for name, value in (one.attributes or {}).items()
        if isinstance(value, str | bool | int | float)
    }
    start = one.start_time or 0
    return Span(
        one.context.trace_id,
        one.context.span_id,
        one.parent.span_id if one.parent else 0,
        one.name,
        start,
        one.end_time or start,
        attributes,
        one.status.status_code is StatusCode.ERROR,
    )
