"""Agent's and gateway's configurations: whole, of AWS's distribution's components, each trace once."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tests.scripts.scale.test_reckoning import SERVICE

FILES = ("agent.yaml", "gateway.yaml")
KINDS = ("receivers", "processors", "exporters")
# AWS's distribution v0.43: aws-observability/aws-otel-collector, pkg/defaultcomponents/defaults.go.
COMPONENTS = {
    "extensions": {"health_check", "awsproxy"},
    "receivers": {"otlp"},
    "processors": {"memory_limiter", "batch", "tail_sampling", "probabilistic_sampler", "attributes"},
    "exporters": {"awsxray", "otlphttp", "loadbalancing"},
}
SECOND = 1_000_000_000
# OTTL's words in these conditions, as Python has them.
WORDS = {
    "kind": "kind",
    "parent_span_id": "parent",
    "status.code": "status",
    "end_time_unix_nano": "end",
    "start_time_unix_nano": "start",
    "SPAN_KIND_SERVER": "2",
    "STATUS_CODE_ERROR": "2",
    "SpanID(0x0000000000000000)": "0",
    "1000000000": "1000000000",
    **{word: word for word in ("and", "or", "(", ")", "==", "!=", ">=", "<", "-")},
}
_TOKEN = re.compile(r"SpanID\(0x[0-9a-f]{16}\)|[A-Za-z_.]+|\d+|[()]|==|!=|>=|<=|[<>-]")


def configuration(file: str) -> dict[str, Any]:
    """Return the file as the collector reads it, its variables not yet replaced."""
    found: dict[str, Any] = yaml.safe_load((SERVICE / "gateway" / file).read_text())
    return found


def condition(name: str) -> str:
    """Return the one condition of a tail_sampling processor as an expression of Python.

    Each word of it has to be known: an unknown one is a KeyError.
    """
    [policy] = configuration("gateway.yaml")["processors"][name]["policies"]
    assert policy["type"] == "ottl_condition"
    [text] = policy["ottl_condition"]["span"]
    assert _TOKEN.sub("", text).strip() == ""
    return " ".join(WORDS[token] for token in _TOKEN.findall(text))


@pytest.mark.parametrize("file", FILES)
def test_every_component_is_defined_used_and_in_the_distribution(file: str) -> None:
    """What a pipeline or the list of extensions names is defined, and nothing else is."""
    found = configuration(file)
    assert set(found) == {"extensions", "service", *KINDS}
    assert set(found["service"]["extensions"]) == set(found["extensions"])
    pipelines = found["service"]["pipelines"].values()
    assert pipelines
    for kind in KINDS:
        assert {name for pipeline in pipelines for name in pipeline[kind]} == set(found[kind])
    for kind, known in COMPONENTS.items():
        assert {name.partition("/")[0] for name in found[kind]} <= known


@pytest.mark.parametrize("file", FILES)
def test_memory_is_limited_first_and_batches_are_made_last(file: str) -> None:
    """memory_limiter is the first processor, batch the last: OpenTelemetry Collector, their READMEs."""
    for pipeline in configuration(file)["service"]["pipelines"].values():
        assert (pipeline["processors"][0], pipeline["processors"][-1]) == ("memory_limiter", "batch")


def test_an_agent_sends_a_trace_to_one_gateway() -> None:
    """By its id, to where the gateways listen; it asks the same name again and again."""
    agent, gateway = configuration("agent.yaml"), configuration("gateway.yaml")
    exporter = agent["exporters"]["loadbalancing"]
    assert exporter["routing_key"] == "traceID"
    resolver = exporter["resolver"]["dns"]
    assert resolver["hostname"] == "${env:GATEWAY_HOSTNAME}"
    listening = gateway["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]
    assert listening == f"0.0.0.0:{resolver['port']}"
    assert gateway["extensions"]["health_check"]["endpoint"].startswith("127.0.0.1:")


def test_an_agent_is_the_collector_but_for_where_it_sends() -> None:
    """It can stand in for ../collector.yaml: same ports, same limits, same proxy; and it has no key."""
    agent = configuration("agent.yaml")
    usual = yaml.safe_load((SERVICE / "collector.yaml").read_text())
    for kind in ("extensions", "receivers", "processors"):
        assert agent[kind] == usual[kind]
    assert "HONEYCOMB" not in (SERVICE / "gateway" / "agent.yaml").read_text()


def test_a_gateway_sends_as_the_collector_does() -> None:
    """The same exporters, but for how much they do at once."""
    gateway = configuration("gateway.yaml")["exporters"]
    usual = yaml.safe_load((SERVICE / "collector.yaml").read_text())["exporters"]
    for name, own in (("awsxray", "num_workers"), ("otlphttp", "sending_queue")):
        assert {**gateway[name], own: None} == {**usual[name], own: None}


@given(
    kind=st.integers(0, 5),
    parent=st.sampled_from([0, 7]),
    status=st.integers(0, 2),
    length=st.integers(0, 3 * SECOND) | st.sampled_from([SECOND - 1, SECOND, SECOND + 1]),
)
def test_a_requests_own_span_decides_and_goes_out_once(
    kind: int, parent: int, status: int, length: int
) -> None:
    """A server span, or one that begins a trace, is in exactly one of the conditions; any other in none.

    What failed or took a second is kept.
    """
    names = {"kind": kind, "parent": parent, "status": status, "start": 5, "end": 5 + length}
    kept, rest = (
        eval(condition(name), {"__builtins__": {}}, names)  # noqa: S307 - words of WORDS alone
        for name in ("tail_sampling/kept", "tail_sampling/rest")
    )
    decides = kind == 2 or parent == 0
    assert kept is (decides and (status == 2 or length >= SECOND))
    assert rest is (decides and not kept)


def test_weights_are_the_shares() -> None:
    """What is kept stands for itself, one of the rest for all it was drawn from: SampleRate."""
    found = configuration("gateway.yaml")
    processors, pipelines = found["processors"], found["service"]["pipelines"]
    for name, weight in (
        ("kept", 1),
        ("rest", 100 / processors["probabilistic_sampler"]["sampling_percentage"]),
    ):
        [action] = processors[f"attributes/{name}"]["actions"]
        assert action == {"key": "SampleRate", "action": "upsert", "value": weight}
        order = pipelines[f"traces/{name}"]["processors"]
        assert order.index(f"tail_sampling/{name}") < order.index(f"attributes/{name}")
    rest = pipelines["traces/rest"]["processors"]
    assert rest.index("probabilistic_sampler") < rest.index("tail_sampling/rest")
    assert "probabilistic_sampler" not in pipelines["traces/kept"]["processors"]


@pytest.mark.parametrize("file", FILES)
def test_no_key_stands_in_the_file(file: str) -> None:
    """Values that are secret come from variables; nothing looks like a key of Honeycomb's or AWS's."""
    text = (SERVICE / "gateway" / file).read_text()
    assert not re.search(r"hc[a-z]{1,2}k_|AKIA[A-Z0-9]{16}|\b[0-9a-f]{32}\b|[A-Za-z0-9]{40}", text)
