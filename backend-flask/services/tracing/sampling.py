"""The one decision: by X-Ray's rules for a trace that begins here, the caller's for one that came in."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from opentelemetry.context import Context, create_key, get_value
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    ParentBasedTraceIdRatio,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.sdk.trace.sampling import Decision as SpanDecision
from opentelemetry.trace import Link, SpanKind, TraceState, get_current_span
from opentelemetry.util.types import Attributes

from services.tracing.randomness import RANDOM
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.rules.reservoir import Decision, RuleState
from services.tracing.settings import DEFAULT_SAMPLER
from xray.sampling import (
    DEFAULT_RULE_NAME,
    DEFAULT_RULE_PRIORITY,
    SamplingRule,
    ignored_by_sdks,
    sort_rules,
    wildcard_match,
)

DECISION_KEY = create_key("sampling-decision")
"""A context's decision that was made before the span: for that span alone, see the WSGI middleware."""

REQUEST_DECISION: ContextVar[Decision | None] = ContextVar("request-decision", default=None)
"""The request's decision, for a server span whose propagator doesn't keep what the context says of it."""

EVERYBODY = TrustedCallers()

FALLBACK_RULE = SamplingRule(DEFAULT_RULE_NAME, DEFAULT_RULE_PRIORITY, fixed_rate=0.05, reservoir_size=1)
"""Decides where no rule matches. X-Ray's own list ends with Default, so that this is for broken lists."""


class RatedResult(SamplingResult):
    """A result that tells how many requests a sampled span stands for, None where that isn't known."""

    sample_rate: int | None = None


class RuleSampler(Sampler):
    """Decides by X-Ray's rules. Thread-safe; `clock` tells epoch seconds, `chance` numbers from 0 up to 1.

    The decision of a caller counts where `trusted` trusts him.
    """

    def __init__(
        self,
        service_name: str,
        rules: Iterable[SamplingRule],
        *,
        service_type: str = "",
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = RANDOM.random,
        trusted: TrustedCallers = EVERYBODY,
    ) -> None:
        self.trusted = trusted
        self._service_name = service_name
        self._service_type = service_type
        self._clock = clock
        self._chance = chance
        self._fallback = RuleState(FALLBACK_RULE)
        self._states: tuple[RuleState, ...] = ()
        self._all: tuple[RuleState, ...] = ()
        self.load(rules)

    def load(self, rules: Iterable[SamplingRule]) -> None:
        """Take over the rules; one that was there before, by name, keeps its counts and its quota."""
        known = {state.rule.rule_name: state for state in self._all}
        states = []
        for rule in sort_rules(rules):
            if ignored_by_sdks(rule) is not None:
                continue
            state = known.get(rule.rule_name)
            if state is None:
                state = RuleState(rule)
            else:
                state.redefine(rule)
            states.append(state)
        self._all = tuple(states)
        self._states = tuple(state for state in states if self._concerns_us(state.rule))

    def _concerns_us(self, rule: SamplingRule) -> bool:
        return wildcard_match(rule.service_name, self._service_name) and wildcard_match(
            rule.service_type, self._service_type
        )

    def decide(self, host: str, method: str, path: str, segment_name: str | None = None) -> Decision:
        """Decide a request that nobody decided before: by the first rule that matches.

        A rule's service name is matched against `segment_name` where X-Ray's dynamic naming gave one, as it
        is the name that X-Ray shows.
        """
        for state in self._states if segment_name is None else self._states_of(segment_name):
            rule = state.rule
            if (
                (rule.url_path == "*" or wildcard_match(rule.url_path, path))
                and (rule.http_method == "*" or wildcard_match(rule.http_method, method))
                and (rule.host == "*" or wildcard_match(rule.host, host))
            ):
                return state.decide(self._clock(), self._chance())
        return self._fallback.decide(self._clock(), self._chance())

    def _states_of(self, name: str) -> Iterator[RuleState]:
        for state in self._all:
            rule = state.rule
            if wildcard_match(rule.service_name, name) and wildcard_match(
                rule.service_type, self._service_type
            ):
                yield state

    def states(self) -> tuple[RuleState, ...]:
        """Return the rules at work, those for other services included."""
        return self._all

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,  # noqa: ARG002 (the SDK's signature)
        name: str,  # noqa: ARG002
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002
        trace_state: TraceState | None = None,  # noqa: ARG002
    ) -> SamplingResult:
        """Decide a span: as its parent was decided; a root, and a parent that left it open, by the rules."""
        parent = get_current_span(parent_context).get_span_context()
        is_local = parent.is_valid and not parent.is_remote
        told = None
        if parent.is_valid and parent.is_remote:
            told = self.trusted.told_by(parent, parent_context, attributes)
        decided = get_value(DECISION_KEY, parent_context)
        if decided is None and kind is SpanKind.SERVER and not is_local:
            decided = REQUEST_DECISION.get()
        if isinstance(decided, Decision):
            sampled, weight = decided.sampled, decided.weight
        elif is_local:
            sampled, weight = parent.trace_flags.sampled, None
        elif told is not None and told.sampled is not None:
            sampled, weight = told.sampled, told.weight
        else:
            decision = self.decide(*_request_of(attributes or {}))
            sampled, weight = decision.sampled, decision.weight
        state = parent.trace_state if told is None else told.trace_state
        result = RatedResult(
            SpanDecision.RECORD_AND_SAMPLE if sampled else SpanDecision.DROP,
            attributes if sampled else None,
            state if parent.is_valid else None,
        )
        result.sample_rate = weight
        return result

    def get_description(self) -> str:
        """Return the sampler's name."""
        return "XRayRuleSampler"


def _request_of(attributes: Mapping[str, Any]) -> tuple[str, str, str]:
    def get(*names: str) -> str:
        return str(next((attributes[name] for name in names if name in attributes), ""))

    return (
        get("server.address", "http.host"),
        get("http.request.method", "http.method"),
        get("url.path", "http.target").partition("?")[0] or "/",
    )


class OpenDecisionSampler(Sampler):
    """Lets `delegate` decide what a caller left open as if the trace began here; ParentBased would say no.

    Who isn't among `trusted` has left it open.
    """

    def __init__(self, delegate: Sampler, trusted: TrustedCallers = EVERYBODY) -> None:
        self._delegate = delegate
        self._trusted = trusted

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Decide as `delegate` does, for an open decision without the parent; a probe's is yes."""
        parent = get_current_span(parent_context).get_span_context()
        if kind is SpanKind.SERVER and (parent.is_remote or not parent.is_valid):
            decided = get_value(DECISION_KEY, parent_context) or REQUEST_DECISION.get()
            if isinstance(decided, Decision) and decided.sampled:
                state = parent.trace_state if parent.is_valid else None
                return SamplingResult(SpanDecision.RECORD_AND_SAMPLE, attributes, state)
        context = parent_context
        if parent.is_remote and self._trusted.told_by(parent, parent_context, attributes).sampled is None:
            context = Context()
        return self._delegate.should_sample(context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """Return the delegate's name."""
        return self._delegate.get_description()


def standard_sampler(name: str | None, ratio: float, trusted: TrustedCallers = EVERYBODY) -> Sampler:
    """Return the sampler that OTEL_TRACES_SAMPLER names; None is OpenTelemetry's default."""
    return OpenDecisionSampler(_standard_sampler(name, ratio), trusted)


def _standard_sampler(name: str | None, ratio: float) -> Sampler:
    match name or DEFAULT_SAMPLER:
        case "always_on":
            return ALWAYS_ON
        case "always_off":
            return ALWAYS_OFF
        case "traceidratio":
            return TraceIdRatioBased(ratio)
        case "parentbased_traceidratio":
            return ParentBasedTraceIdRatio(ratio)
        case "parentbased_always_off":
            return ParentBased(ALWAYS_OFF)
        case _:
            return ParentBased(ALWAYS_ON)
