"""Details of the Collector's mapping that no vector has, and values that X-Ray has no room for."""

import math
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind

from services.tracing.segments import segment_documents
from services.tracing.sending import otlp
from services.tracing.times import TIME_MAX

PARENT = SpanContext(1 << 100, 6, False)


def documents(resource: dict[str, Any] | None = None, **parts: Any) -> list[dict[str, Any]]:
    """Return the documents of a span."""
    span = ReadableSpan(
        **{
            "name": "work",
            "context": SpanContext(1 << 100, 5, False),
            "resource": Resource(resource or {}),
            "start_time": 1,
            "end_time": 2,
            **parts,
        }
    )
    assert otlp.encode([span])[1] == 0
    return segment_documents(span)


@pytest.mark.parametrize(
    ("value", "groups"),
    [
        ("a&b&&c", [{"log_group": name} for name in "abc"]),
        (["a&b"], [{"log_group": "a&b"}]),
        ("a", [{"log_group": "a"}]),
    ],
)
def test_log_groups_in_a_text_are_parted(value: Any, groups: list[dict[str, str]]) -> None:
    """OTEL_RESOURCE_ATTRIBUTES knows no lists: there `&` stands between the names."""
    (document,) = documents({"aws.log.group.names": value})
    assert document["aws"]["cloudwatch_logs"] == groups


def test_log_groups_by_arn_have_a_name() -> None:
    """The seventh field is the name; what is too short to have one is the name itself."""
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/eks/pay:*"
    (document,) = documents({"aws.log.group.arns": f"{arn}&arn:short"})
    assert document["aws"]["cloudwatch_logs"] == [
        {"log_group": "/eks/pay", "arn": arn},
        {"log_group": "arn:short", "arn": "arn:short"},
    ]


def test_an_instance_without_an_id_is_told() -> None:
    """`aws_ec2` suffices; elsewhere the id has to be there."""
    known = {"host.type": "c6g.large", "cloud.availability_zone": "a"}
    (document,) = documents({"cloud.platform": "aws_ec2", **known})
    assert document["aws"]["ec2"] == {"instance_size": "c6g.large", "availability_zone": "a"}
    (document,) = documents({"cloud.platform": "aws_ecs", **known})
    assert "ec2" not in document["aws"]


@pytest.mark.parametrize(
    ("kind", "parent", "remote", "namespace"),
    [
        (SpanKind.PRODUCER, PARENT, {"aws.remote.service": "q"}, "remote"),
        (SpanKind.PRODUCER, PARENT, {}, None),
        (SpanKind.PRODUCER, None, {"aws.remote.service": "q"}, None),
        (SpanKind.INTERNAL, PARENT, {"aws.remote.service": "q"}, None),
        (SpanKind.CONSUMER, PARENT, {"aws.remote.service": "q"}, None),
        (SpanKind.PRODUCER, PARENT, {"aws.remote.service": "q", "rpc.system": "aws-api"}, "aws"),
    ],
)
def test_a_producer_of_a_remote_service_is_a_remote_call(
    kind: SpanKind, parent: SpanContext | None, remote: dict[str, str], namespace: str | None
) -> None:
    """Below another span; a segment calls nobody."""
    (document,) = documents(kind=kind, parent=parent, attributes=remote)
    assert document.get("namespace") == namespace


@pytest.mark.parametrize("parent", [None, PARENT])
def test_the_resource_is_with_the_service_of_a_local_root(parent: SpanContext | None) -> None:
    """Its dependency is a subsegment, which has no resource, with a parent of its own or without."""
    dependency, service = documents(
        {"zone": "y"},
        kind=SpanKind.CLIENT,
        parent=parent,
        attributes={"aws.span.kind": "LOCAL_ROOT", "aws.remote.service": "q", "aws.local.service": "l"},
    )
    assert dependency["parent_id"] == service["id"]
    assert "otel.resource.zone" not in dependency["metadata"]["default"]
    is_root = parent is None
    assert ("otel.resource.zone" in service.get("metadata", {}).get("default", {})) is is_root


@pytest.mark.parametrize(
    ("time", "nanoseconds"),
    [
        *((-1, 0), (math.nan, 0), (-math.inf, 0), (None, 0), ("soon", 0)),
        *((math.inf, TIME_MAX), (10**400, TIME_MAX), (2e9, 2_000_000_000)),
    ],
)
def test_a_time_that_is_none_is_bounded(time: Any, nanoseconds: int) -> None:
    """X-Ray takes epoch seconds, OTLP 64 bits."""
    (document,) = documents(start_time=time, end_time=time if time is not None else 0)
    assert document["start_time"] == document["end_time"] == nanoseconds / 1e9
    (document,) = documents(
        attributes={"rpc.system": "aws-api"},
        events=[
            Event(
                "HTTP request failure",
                {"http.response.status_code": 500, "aws.http.error_message": "no"},
                time if time is not None else 0,
            )
        ],
    )
    (exception,) = document["cause"]["exceptions"]
    assert exception["message"] == f"500@{nanoseconds // 10**9}.{nanoseconds % 10**9 // 1000:06d}@no"


@pytest.mark.parametrize("value", [-1, 2**63, 10**30, 10**400, -math.inf, "9" * 5000, "-5", True])
@pytest.mark.parametrize("old", [{}, {"http.scheme": "http"}], ids=["stable", "old"])
def test_a_number_that_is_none_is_left_out(value: Any, old: dict[str, str]) -> None:
    """Status and size are whole numbers from 0 up to 64 bits."""
    (document,) = documents(
        kind=SpanKind.SERVER,
        attributes={
            "http.request.method": "GET",
            "http.response.status_code": value,
            "http.response.body.size": value,
            **old,
        },
    )
    assert document["http"]["response"] == {"content_length": 0}


def test_a_frame_without_a_line_is_kept() -> None:
    """A number that nobody can read costs neither the frame nor the document."""
    trace = f'Traceback (most recent call last):\n  File "a.py", line {"1" * 5000}, in f\nValueError: x\n'
    (document,) = documents(
        {"telemetry.sdk.language": "python"},
        events=[Event("exception", {"exception.stacktrace": trace}, 5)],
    )
    (exception,) = document["cause"]["exceptions"]
    assert exception["stack"] == [{"path": "a.py", "line": 0, "label": "f"}]


def test_short_fields_are_cut() -> None:
    """X-Ray's schema allows 250 characters for a user, and a few others."""
    long = "x" * 300
    (document,) = documents(
        {"cloud.provider": "aws"},
        kind=SpanKind.CLIENT,
        attributes={"db.system": "postgresql", "db.user": long, "aws.queue_url": long, "enduser.id": long},
    )
    cut = "x" * 250
    assert (document["sql"]["user"], document["aws"]["queue_url"], document["user"]) == (cut, cut, cut)
