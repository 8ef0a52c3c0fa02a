"""The way of spans from an application's own TracerProvider: what X-Ray's rules chose, into our pipeline."""

import copy
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.context import Context, get_value
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import SpanContext, SpanKind, get_current_span

from services.tracing.coexistence.long_bytes import long_bytes_of_span
from services.tracing.coexistence.recent_decisions import RecentDecisions
from services.tracing.pipeline import Pipeline
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY, REQUEST_DECISION, RuleSampler

_YES = Decision(True, "", None)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Work:
    """What the processor works with; another one after a fork."""

    resource: Resource
    rules: RuleSampler | None
    pipeline: Pipeline
    pid: int = field(default_factory=os.getpid)


class GuestProcessor(SpanProcessor):
    """Puts spans that others made into our pipeline. What it is handed stays as it is, for the exporters.

    A span is decided as the one above it, wherever that is in this process; a local root as the middleware
    decided its request, as its caller did, or by the rules. Without rules all that was sampled is taken.
    """

    def __init__(self) -> None:
        self._work: _Work | None = None
        self._stopped: _Work | None = None
        self._stopped_at_ns = 0
        self._decisions = RecentDecisions()
        self._merged: tuple[Resource | None, Resource | None] = (None, None)

    def renew(self, resource: Resource, sampler: Sampler, pipeline: Pipeline) -> None:
        """Put spans into `pipeline` from now on."""
        self._decisions = RecentDecisions()
        self._merged = (None, None)
        self._stopped = None
        self._work = _Work(resource, sampler if isinstance(sampler, RuleSampler) else None, pipeline)

    def stop(self) -> None:
        """Take nothing that begins from now on, until `renew`.

        What is open goes to the same pipeline when it ends, which counts it as dropped. In a child process
        it is the parent's: nothing is counted, and the lock of its decisions may be held.
        """
        work = self._work or self._stopped
        if work is None or work.pid != os.getpid():
            self._work = self._stopped = None
            self._decisions = RecentDecisions()
        elif self._work is not None:
            self._work, self._stopped, self._stopped_at_ns = None, work, time.time_ns()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Decide the span. Never raises: the SDK would raise it into the application."""
        work, context = self._work, span.context
        if work is None or work.rules is None or context is None or not context.trace_flags.sampled:
            return
        try:
            self._decisions.put(context.span_id, self._decide(work.rules, span, parent_context))
        except Exception:  # noqa: BLE001 (see above)
            _log.exception("a span of the application's own provider could not be decided")

    def on_end(self, span: ReadableSpan) -> None:
        """Queue the span where it was chosen. Never raises."""
        work, context = self._work or self._left_open(span), span.context
        if work is None or context is None or not context.trace_flags.sampled:
            return
        try:
            decision = _YES if work.rules is None else self._decision_at_end(work.rules, span, context)
            if decision.sampled:
                work.pipeline.put(self._ours(span, decision, work.resource))
        except Exception:  # noqa: BLE001 (see above)
            _log.exception("a span of the application's own provider could not be taken")

    def _left_open(self, span: ReadableSpan) -> _Work | None:
        """Return what takes a span that ends after the stop, where it began before."""
        return self._stopped if (span.start_time or 0) <= self._stopped_at_ns else None

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait until all that is queued is with the sinks."""
        work = self._work
        return work is None or work.pipeline.flush(time.monotonic() + timeout_millis / 1000)

    def decision_of(self, span_id: int) -> Decision | None:
        """Return what was decided of a span of this process; None for any other."""
        return self._decisions.get(span_id)

    def _decide(self, rules: RuleSampler, span: ReadableSpan, context: Context | None) -> Decision:
        parent = span.parent
        if parent is not None and not parent.is_remote:
            known = self._decisions.get(parent.span_id)
            if known is None:
                # It began before there was tracing, or so long ago that it is forgotten: all below it agree.
                above = get_current_span(context)
                known = _of_root(rules, above if isinstance(above, ReadableSpan) else span, context)
                self._decisions.put(parent.span_id, known)
            return known
        decided = get_value(DECISION_KEY, context)
        if not isinstance(decided, Decision) and span.kind is SpanKind.SERVER:
            decided = REQUEST_DECISION.get()
        return decided if isinstance(decided, Decision) else _of_root(rules, span, context)

    def _decision_at_end(self, rules: RuleSampler, span: ReadableSpan, context: SpanContext) -> Decision:
        decision = self._decisions.get(context.span_id)
        if decision is None and span.parent is not None:
            decision = self._decisions.get(span.parent.span_id)
        if decision is None:
            decision = _of_root(rules, span, None)
            if span.parent is not None and not span.parent.is_remote:
                self._decisions.put(span.parent.span_id, decision)
        return decision

    def _ours(self, span: ReadableSpan, decision: Decision, resource: Resource) -> ReadableSpan:
        """Return a copy for our sinks, which tells of our service and of what the span stands for."""
        known, merged = self._merged
        if known is not span.resource or merged is None:
            merged = span.resource.merge(resource)
            self._merged = (span.resource, merged)
        ours = copy.copy(span)
        vars(ours).update(_resource=merged, sample_rate=decision.weight, long_bytes=long_bytes_of_span(span))
        return ours


def _of_root(rules: RuleSampler, span: ReadableSpan, context: Context | None) -> Decision:
    """Decide where the trace comes into this process: as the caller did, else by the rules."""
    attributes: Mapping[str, Any] = span.attributes or {}
    if span.parent is not None and span.parent.is_remote:
        told = rules.trusted.told_by(span.parent, context, attributes)
        if told.sampled is not None:
            return Decision(told.sampled, "", told.weight)

    def first(*names: str) -> str:
        return str(next((attributes[name] for name in names if name in attributes), ""))

    path = first("url.path", "http.target").partition("?")[0] or "/"
    return rules.decide(
        first("http.host", "server.address", "http.server_name"),
        first("http.request.method", "http.method"),
        path,
    )
