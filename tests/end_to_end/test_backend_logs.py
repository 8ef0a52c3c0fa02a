"""The backend's log lines in CloudWatch, its errors in Rollbar, under real gunicorn on the local cloud."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.backend.tracing.servers import Answer, HttpServer, http_server
from tests.end_to_end.backend import Stage, tracing_of, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_logs import CloudWatchLogsClient

    from tests.backend.process.backend_process import BackendProcess

TOKEN = 16 * "r0"
KINDS = [
    pytest.param("gthread", (), id="gthread"),
    pytest.param("gthread", ("--preload",), id="gthread-preload"),
    pytest.param("gevent", (), id="gevent"),
    pytest.param("gevent", ("--preload",), id="gevent-preload"),
    pytest.param("sync", ("--preload",), id="sync-preload"),
]


@pytest.fixture
def logs(stage: Stage) -> Iterator[CloudWatchLogsClient]:
    """A client of the local cloud's CloudWatch Logs; the stage's group and its parameter are there."""
    client: CloudWatchLogsClient = boto3.client(
        "logs",
        endpoint_url=stage.addresses["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_log_group(logGroupName=stage.path)
    stage.put("logs/group-name", stage.path)
    yield client
    if client.describe_log_groups(logGroupNamePrefix=stage.path)["logGroups"]:
        client.delete_log_group(logGroupName=stage.path)


@pytest.fixture
def rollbar() -> Iterator[HttpServer]:
    """Stands for Rollbar's API."""
    with http_server(lambda _: Answer.of({"err": 0})) as server:
        yield server


def stored(logs: CloudWatchLogsClient, stage: Stage) -> list[dict[str, Any]]:
    """Return the group's lines; each stream's in their order."""
    lines = []
    for stream in logs.describe_log_streams(logGroupName=stage.path)["logStreams"]:
        name = stream["logStreamName"]
        events = logs.get_log_events(logGroupName=stage.path, logStreamName=name, startFromHead=True)
        found = [json.loads(one["message"]) for one in events["events"]]
        assert {line["pid"] for line in found} <= {int(name.rpartition("/")[2])}
        lines += found
    return lines


def status_of(backend: BackendProcess) -> dict[str, Any]:
    """Return /health/logging."""
    document: dict[str, Any] = backend.get("/health/logging").json()
    return document


def stop(backend: BackendProcess) -> list[dict[str, Any]]:
    """Stop the backend cleanly and return its own lines on standard output."""
    assert backend.stop() == 0, backend.output()
    assert backend.plain_lines() == [], backend.plain_lines()
    return backend.log()


@pytest.mark.parametrize(("worker_class", "options"), KINDS)
def test_every_kind_of_worker_sends_its_lines_and_errors(
    worker_class: str,
    options: tuple[str, ...],
    tmp_path: Path,
    stage: Stage,
    logs: CloudWatchLogsClient,
    rollbar: HttpServer,
) -> None:
    """Group and token are parameters; all lines until the stop arrive, no call of ours is in a trace."""
    stage.put("rollbar/access-token", TOKEN, Type="SecureString")
    settings = {"GUNICORN_WORKER_CLASS": worker_class, "GUNICORN_WORKERS": "2", "DEMO_ROUTES": "true"}
    more = {"LOGS_CLOUDWATCH": "true", "ROLLBAR_API_ENDPOINT": rollbar.url}
    with stage.serving(tmp_path, *options, **settings, **more) as backend:
        for number in range(10):
            assert backend.get(f"/demo/failure?number={number}").status_code == 500
        until(lambda: len(stored(logs, stage)), lambda count: count >= 12)
        sent = rollbar.wait_for(10)
        printed = [line for line in stop(backend) if line["logger"] != "gunicorn.error"]
    written = stored(logs, stage)
    failures = [line for line in written if "exception.type" in line]
    assert len(failures) == 10
    assert all(
        {"trace_id", "xray_trace_id", "span_id", "request_id", "route"} <= set(one) for one in failures
    )
    assert len({one["request_id"] for one in failures}) == 10
    kept = [line for line in written if line["logger"] != "gunicorn.error"]
    assert sorted(map(json.dumps, kept)) == sorted(map(json.dumps, printed))
    items = [request.json()["data"] for request in sent]
    assert {item["custom"]["trace_id"] for item in items} == {one["trace_id"] for one in failures}
    assert TOKEN not in backend.output() + json.dumps(written)
    assert all(request.headers["x-rollbar-access-token"] == TOKEN for request in sent)
    assert "number=" not in "".join(request.body.decode() for request in sent)


def test_sending_lines_makes_no_spans(
    tmp_path: Path, stage: Stage, logs: CloudWatchLogsClient, rollbar: HttpServer
) -> None:
    """Everything is sampled, botocore and requests are instrumented: the request's span is all there is."""
    more = {"LOGS_CLOUDWATCH": "true", "ROLLBAR_API_ENDPOINT": rollbar.url, "ROLLBAR_ACCESS_TOKEN": TOKEN}
    with stage.serving(tmp_path, **more) as backend:
        until(lambda: status_of(backend), lambda document: document["rollbar"] is not None)
        assert backend.get("/rollbar/test").text == "Hello World!"
        rollbar.wait_for(1)
        until(lambda: status_of(backend), lambda document: document["cloudwatch"]["sent"] > 0)
        document = until(lambda: tracing_of(backend), lambda said: bool(said["sinks"]["xray"]["sent"]))
        assert document["queue"]["recorded"] == 1, document["queue"]
        stop(backend)


def test_a_missing_group_costs_no_request_and_is_told_once(
    tmp_path: Path, stage: Stage, logs: CloudWatchLogsClient
) -> None:
    """One line when it goes down and one when it is back; the group is not made by the backend."""
    logs.delete_log_group(logGroupName=stage.path)
    with stage.serving(tmp_path, LOGS_CLOUDWATCH="true", DEMO_ROUTES="true") as backend:
        until(lambda: status_of(backend), lambda said: said["cloudwatch"]["is_down"] is True)
        assert backend.get("/demo/failure").status_code == 500
        assert backend.get("/api/activities/home").status_code == 200
        assert logs.describe_log_groups(logGroupNamePrefix=stage.path)["logGroups"] == []
        logs.create_log_group(logGroupName=stage.path)
        until(lambda: status_of(backend), lambda said: said["cloudwatch"]["is_down"] is False)
        printed = [line["message"] for line in stop(backend)]
    [down] = [text for text in printed if "don't reach CloudWatch" in text]
    assert (
        f"ResourceNotFoundException for {stage.path}: the group does not exist; apply the unit logs" in down
    )
    assert len([text for text in printed if "reach CloudWatch again" in text]) == 1
    assert any("exception.type" in line for line in stored(logs, stage))


def test_without_the_parameter_lines_stay_on_standard_output(tmp_path: Path, stage: Stage) -> None:
    """Told once with the remedy; nothing is queued for nobody."""
    with stage.serving(tmp_path, LOGS_CLOUDWATCH="true") as backend:
        until(lambda: status_of(backend), lambda document: document["cloudwatch"] is None)
        assert backend.get("/rollbar/test").status_code == 404
        printed = [line["message"] for line in stop(backend)]
    [told] = [text for text in printed if "CloudWatch" in text]
    assert "parameter logs/group-name is missing: apply the unit logs (make apply)" in told
