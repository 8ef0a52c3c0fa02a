"""One request, one trace, in X-Ray and in Honeycomb."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.backend import staged, trace_id_of, tracing_of
from tests.end_to_end.traces import Spans, in_both

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import requests
    from mypy_boto3_ssm import SSMClient

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.backend import Stage
    from tests.end_to_end.checkout import Checkout

SPANS = {
    "/api/activities/home": 2,
    "/api/activities/notifications": 2,
    "/demo/upstream": 4,
    "/demo/failure": 1,
}
"""How many spans a request to each path has."""
SAME_TIME_SECONDS = 2e-6
"""X-Ray has seconds as a floating point number, which resolves a quarter of a microsecond."""


@dataclass(frozen=True)
class Recorded:
    """One backend's requests: answers, and spans in X-Ray and in Honeycomb, by path."""

    stage: Stage
    backend: BackendProcess
    responses: Mapping[str, requests.Response]
    found: Mapping[str, tuple[Spans, Spans]]


def named(spans: Spans, name: str) -> dict[str, Any]:
    """Return the fields of the one span with this name."""
    [fields] = [span.fields for span in spans.values() if span.fields["name"] == name]
    return dict(fields)


def attributes(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what a segment document keeps of a span's attributes: annotations and metadata."""
    kept = dict(fields.get("annotations", {}))
    for namespace in fields.get("metadata", {}).values():
        kept.update(namespace)
    return kept


def test_what_a_started_backend_says(
    applied: Checkout, ssm: SSMClient, key: str, stage: Stage, tmp_path: Path
) -> None:
    """/health/tracing names the five parameters by version, the group and the rules, and no secret."""
    path, name = "/cruddur/local/backend-flask", "cruddur-local-backend-flask"
    with stage.serving(tmp_path, TRACING_PARAMETER_PATH=path) as backend:
        document = tracing_of(backend)
        assert backend.stop() == 0
        assert key not in backend.output()
    stored = {
        parameter["Name"].removeprefix(f"{path}/"): parameter
        for parameter in ssm.get_parameters_by_path(Path=path, Recursive=True)["Parameters"]
    }
    versions = {name: parameter["version"] for name, parameter in document["parameters"].items()}
    assert versions == {name: parameter["Version"] for name, parameter in stored.items()}
    assert len(versions) == 6
    for parameter, known in document["parameters"].items():
        assert datetime.fromisoformat(known["last_modified"]) == stored[parameter]["LastModifiedDate"]
    assert document["group"]["name"] == name
    assert document["group"]["filter_expression"] == f'service("{name}")'
    figures = {
        rule["name"]: (rule["priority"], rule["reservoir_size"], rule["fixed_rate"])
        for rule in document["rules"]
    }
    assert figures[name] == (9000, 5, 0.1)
    assert figures["cruddur-local-health"] == (8999, 0, 0.0)
    assert figures["Default"] == (10000, 1, 0.05)
    assert (document["mode"], document["required"], document["problems"]) == ("direct", False, [])
    assert datetime.fromisoformat(document["loaded_at"]).tzinfo is not None
    assert set(document["sinks"]) == {"xray", "honeycomb"}
    text = json.dumps(document)
    assert key not in text
    assert stored["honeycomb/endpoint"]["Value"] not in text


@pytest.fixture(scope="module")
def recorded(cloud: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """What one backend recorded of one request to each of the paths."""
    resource = "service.version=1.2.3,deployment.environment.name=staging"
    folder = tmp_path_factory.mktemp("recorded")
    with (
        staged(cloud) as stage,
        stage.serving(folder, DEMO_ROUTES="true", OTEL_RESOURCE_ATTRIBUTES=resource) as backend,
    ):
        responses = {path: backend.get(path) for path in SPANS}
        ids = {path: trace_id_of(response) for path, response in responses.items()}
        assert len(set(ids.values())) == len(SPANS)
        found = {
            path: in_both(stage.xray, stage.honeycomb, [ids[path]], spans=spans)[ids[path]]
            for path, spans in SPANS.items()
        }
        yield Recorded(stage, backend, responses, found)


@pytest.mark.parametrize("path", SPANS)
def test_the_same_trace_in_both_sinks(recorded: Recorded, path: str) -> None:
    """Same ids, parents and times; every span says of which service, version and environment it is."""
    ours, theirs = recorded.found[path]
    assert set(ours) == set(theirs)
    assert len(ours) == SPANS[path]
    for span_id, span in ours.items():
        assert span.parent_id == theirs[span_id].parent_id
        assert span.start == pytest.approx(theirs[span_id].start, abs=SAME_TIME_SECONDS)
        assert span.end == pytest.approx(theirs[span_id].end, abs=SAME_TIME_SECONDS)
    for fields in (span.fields for span in theirs.values()):
        assert fields["service.name"] == fields["dataset"] == recorded.stage.name
        assert fields["service.version"] == "1.2.3"
        assert fields["deployment.environment.name"] == "staging"
        assert fields["samplerate"] == 1
    [segment] = [span.fields for span in ours.values() if span.parent_id is None]
    assert segment["name"] == recorded.stage.name
    assert segment["service"]["version"] == "1.2.3"
    assert segment["http"]["request"]["method"] == "GET"
    assert segment["http"]["request"]["url"] == recorded.backend.url(path)
    assert segment["http"]["response"]["status"] == recorded.responses[path].status_code


@pytest.mark.parametrize("name", ["home", "notifications"])
def test_the_applications_own_attributes(recorded: Recorded, name: str) -> None:
    """The span of the page carries the request's time and the result's length, in both sinks."""
    ours, theirs = recorded.found[f"/api/activities/{name}"]
    for said in (attributes(named(ours, f"{name}-activities")), named(theirs, f"{name}-activities")):
        assert said["app.result_length"] == len(recorded.responses[f"/api/activities/{name}"].json())
        assert said["app.now"] == said["app.received.date"]
        assert datetime.fromisoformat(said["app.now"]).tzinfo is not None


def test_outgoing_calls_are_spans(recorded: Recorded) -> None:
    """requests, boto3 and what the called side recorded are one trace."""
    ours, theirs = recorded.found["/demo/upstream"]
    health = recorded.backend.url("/health")
    [root] = [span for span in ours.values() if span.parent_id is None]
    calls = {span.fields["namespace"]: span for span in ours.values() if span.parent_id == root.span_id}
    assert set(calls) == {"remote", "aws"}
    assert calls["remote"].fields["http"]["request"]["url"] == health
    assert calls["remote"].fields["http"]["response"]["status"] == 200
    assert calls["aws"].fields["aws"]["operation"] == "GetCallerIdentity"
    assert calls["aws"].fields["aws"]["region"] == recorded.stage.addresses["AWS_REGION"]
    [called] = [span for span in ours.values() if span.parent_id == calls["remote"].span_id]
    assert called.fields["http"]["request"]["url"] == health
    kinds = {span_id: span.fields["span.kind"] for span_id, span in theirs.items()}
    assert kinds[root.span_id] == kinds[called.span_id] == "server"
    assert kinds[calls["remote"].span_id] == kinds[calls["aws"].span_id] == "client"


def test_a_failure_is_a_fault_in_both_sinks(recorded: Recorded) -> None:
    """An unhandled exception: fault and stack in X-Ray, error and exception in Honeycomb."""
    assert recorded.responses["/demo/failure"].status_code == 500
    [segment], [event] = (list(spans.values()) for spans in recorded.found["/demo/failure"])
    assert segment.fields["fault"] is True
    exceptions = segment.fields["cause"]["exceptions"]
    assert exceptions[0]["type"].endswith("DemoFailure")
    assert any(frame["label"] == "fail" for frame in exceptions[0]["stack"])
    assert event.fields["error"] is True
    assert event.fields["status_code"] == 2
    assert event.fields["exception.type"].endswith("DemoFailure")
