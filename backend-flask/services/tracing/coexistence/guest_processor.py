"""The way of spans from an application's own TracerProvider: what X-Ray's rules chose, into our pipeline."""

import copy
import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from opentelemetry.context import Context, get_value
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import SpanContext, SpanKind, get_current_span

from services.tracing.coexistence.recent_decisions import RecentDecisions
from services.tracing.pipeline import Pipeline
from services.tracing.propagation import incoming_of
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY, RuleSampler

REQUEST_DECISION: ContextVar[Decision | None] = ContextVar("request-decision", default=None)
"""The request's decision, for a server span whose propagator doesn't keep what the context says of it."""

_YES, _NO = Decision(True, "", None), Decision(False, "", None)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Work:
    """What the processor works with; another one after a fork."""

    resource: Resource
    rules: RuleSampler | None
    pipeline: Pipeline


class GuestProcessor(SpanProcessor):
    """Puts spans that others made into our pipeline. What it is handed stays as it is, for the exporters.

    A span is decided as the one above it, wherever that is in this process; a local root as the middleware
    decided its request, as its caller did, or by the rules. Without rules all that was sampled is taken.
    """

    def __init__(self) -> None:
        self._work: _Work | None = None
        self._decisions = RecentDecisions()
        self._merged: tuple[Resource | None, Resource | None] = (None, None)

    def renew(self, resource: Resource, sampler: Sampler, pipeline: Pipeline) -> None:
        """Put spans into `pipeline` from now on."""
        self._decisions = RecentDecisions()
        self._merged = (None, None)
        self._work = _Work(resource, sampler if isinstance(sampler, RuleSampler) else None, pipeline)

    def stop(self) -> None:
        """Take nothing any more, until `renew`."""
        self._work = None

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
        work, context = self._work, span.context
        if work is None or context is None or not context.trace_flags.sampled:
            return
        try:
            decision = _YES if work.rules is None else self._decision_at_end(work.rules, span, context)
            if decision.sampled:
                work.pipeline.put(self._ours(span, decision, work.resource))
        except Exception:  # noqa: BLE001 (see above)
            _log.exception("a span of the application's own provider could not be taken")

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
        vars(ours).update(_resource=merged, sample_rate=decision.weight)
        return ours


def _of_root(rules: RuleSampler, span: ReadableSpan, context: Context | None) -> Decision:
    """Decide where the trace comes into this process: as the caller did, else by the rules."""
    parent, incoming = span.parent, incoming_of(context)
    if incoming is not None and parent is not None and incoming.parent_id == parent.span_id:
        if incoming.sampled is not None:
            return _YES if incoming.sampled else _NO
    elif parent is not None and parent.is_remote:
        return _YES if parent.trace_flags.sampled else _NO
    attributes: Mapping[str, Any] = span.attributes or {}

    def first(*names: str) -> str:
        return str(next((attributes[name] for name in names if name in attributes), ""))

    path = first("url.path", "http.target").partition("?")[0] or "/"
    return rules.decide(
        first("http.host", "server.address", "http.server_name"),
        first("http.request.method", "http.method"),
        path,
    )
