"""The one decision."""

import random
import threading
from dataclasses import replace
from typing import Any

import pytest
from opentelemetry.context import Context, set_value
from opentelemetry.sdk.trace.sampling import Decision as Decisions
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import SpanKind, TraceState

from services.tracing.propagation import Incoming, context_of, read_incoming
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY, RuleSampler, standard_sampler
from xray.sampling import SamplingRule

SERVICE = SamplingRule("service", 9000, 1.0, 0, service_name="cruddur")
HEALTH = SamplingRule("health", 8999, 0.0, 0, service_name="cruddur", url_path="/health*")
OTHERS = SamplingRule("others", 1, 1.0, 0, service_name="billing")
DEFAULT = SamplingRule("Default", 10_000, 0.0, 0)
RULES = (DEFAULT, SERVICE, HEALTH, OTHERS)


def sampler(*rules: SamplingRule, chance: float = 0.5) -> RuleSampler:
    """Return a sampler for the service `cruddur`, with time and luck standing still."""
    return RuleSampler("cruddur", rules or RULES, clock=lambda: 1000.0, chance=lambda: chance)


def is_sampled(decider: Sampler, context: Context | None = None, **attributes: Any) -> bool:
    """Ask as the SDK does when a span begins."""
    decision = decider.should_sample(context, 1, "GET", SpanKind.SERVER, attributes).decision
    return decision is Decisions.RECORD_AND_SAMPLE


def test_the_first_rule_that_matches_decides() -> None:
    """Priority orders; rules of other services count nothing but are kept for the report."""
    decider = sampler()
    assert decider.decide("h", "GET", "/api").rule_name == "service"
    assert decider.decide("h", "GET", "/health/tracing").rule_name == "health"
    assert [state.rule.rule_name for state in decider.states()] == ["others", "health", "service", "Default"]
    assert [state.ever_matched for state in decider.states()] == [False, True, True, False]


@pytest.mark.parametrize(
    "change",
    [{"url_path": "/x"}, {"http_method": "POST"}, {"host": "*.example.com"}, {"service_type": "AWS::*"}],
)
def test_a_field_that_differs_leads_to_the_next_rule(change: dict[str, str]) -> None:
    """Path, method, host and the service's type are looked at."""
    decider = sampler(replace(SERVICE, **change), DEFAULT)  # type: ignore[arg-type]
    assert decider.decide("h", "GET", "/api").rule_name == "Default"


def test_no_rule_at_all_has_a_fallback() -> None:
    """One a second and 5 %, as X-Ray's own default."""
    decider = RuleSampler("cruddur", (), clock=lambda: 1000.0, chance=lambda: 0.04)
    assert decider.decide("h", "GET", "/").rule_name == "Default"


def test_rules_that_sdks_ignore_are_ignored() -> None:
    """Attributes, other ARNs and versions are passed over."""
    decider = sampler(replace(SERVICE, attributes={"a": "b"}), DEFAULT)
    assert decider.decide("h", "GET", "/").rule_name == "Default"


def test_a_reloaded_rule_keeps_its_counts() -> None:
    """By name; one that is gone is forgotten."""
    decider = sampler()
    decider.decide("h", "GET", "/")
    decider.load([replace(SERVICE, priority=5), DEFAULT])
    assert [(state.rule.rule_name, state.status()["matched"]) for state in decider.states()] == [
        ("service", 1),
        ("Default", 0),
    ]


def test_roots_are_decided_by_their_attributes() -> None:
    """A span that begins a trace outside of a request is decided as well."""
    assert is_sampled(sampler(), None, **{"url.path": "/api", "http.request.method": "GET"})
    assert not is_sampled(sampler(), None, **{"http.target": "/health"})


@pytest.mark.parametrize("sampled", [True, False])
def test_a_callers_decision_is_honoured_without_counting(sampled: bool) -> None:
    """What came in decided stays so, and no rule counts it."""
    decider = sampler()
    context = context_of(Incoming(1, 2, sampled, trace_state=TraceState([("a", "1")])))
    result = decider.should_sample(context, 1, "GET", SpanKind.SERVER, {"a": 1})
    assert (result.decision is Decisions.RECORD_AND_SAMPLE) is sampled
    assert result.trace_state == TraceState([("a", "1")])
    assert not any(state.ever_matched for state in decider.states())


@pytest.mark.parametrize("header", ["Sampled=?", "Sampled=x", "Lineage=a:1"])
def test_an_open_decision_is_ours(header: str) -> None:
    """A parent without a decision, or one who asks, is decided here, by standard samplers too."""
    incoming = read_incoming(
        f"Root=1-5f84c7a1-e7d1852db8c4fd35d88bf49a;Parent=53995c3f42cd8ad8;{header}", None
    )
    assert incoming is not None
    context = context_of(incoming)
    assert is_sampled(sampler(), context)
    assert not is_sampled(sampler(), context, **{"url.path": "/health"})
    assert is_sampled(standard_sampler(None, 1.0), context)
    assert not is_sampled(standard_sampler("parentbased_always_off", 1.0), context)


def test_a_decision_made_before_the_span_is_not_made_again() -> None:
    """The middleware decides first, so that an unsampled request costs no span."""
    decider = sampler()
    assert not is_sampled(decider, set_value(DECISION_KEY, Decision(False, "x")), **{"url.path": "/api"})
    assert not any(state.ever_matched for state in decider.states())


def test_many_threads_share_one_reservoir() -> None:
    """No request is counted twice or lost, and the reservoir gives what it holds."""
    decider = sampler(replace(SERVICE, fixed_rate=0.0, reservoir_size=50))
    (state,) = decider.states()
    state.apply_target(fixed_rate=0.0, quota=50, expires_at=2000.0)
    sampled: list[bool] = []

    def run() -> None:
        sampled.extend(decider.decide("h", "GET", "/").sampled for _ in range(500))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(sampled), sum(sampled)) == (2000, 50)
    assert state.take_counts().requests == 2000


def test_a_seed_of_the_applications_rules_on_nothing() -> None:
    """An application may seed `random` for each request: a tenth is a tenth all the same."""
    decider = RuleSampler("cruddur", [replace(DEFAULT, fixed_rate=0.1)], clock=lambda: 1000.0)
    sampled = 0
    for _ in range(5000):
        random.seed(42)
        sampled += decider.decide("h", "GET", "/").sampled
    # Five standard deviations beside the mean.
    assert abs(sampled - 500) < 5 * 21.3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, "ParentBased{root:AlwaysOnSampler"),
        ("always_on", "AlwaysOnSampler"),
        ("always_off", "AlwaysOffSampler"),
        ("traceidratio", "TraceIdRatioBased{0.5}"),
        ("parentbased_traceidratio", "ParentBased{root:TraceIdRatioBased{0.5}"),
        ("parentbased_always_off", "ParentBased{root:AlwaysOffSampler"),
    ],
)
def test_the_standard_samplers(name: str | None, expected: str) -> None:
    """OTEL_TRACES_SAMPLER names OpenTelemetry's own."""
    assert standard_sampler(name, 0.5).get_description().startswith(expected)
