"""Batches to CloudWatch Logs, against moto's server."""

import json
import logging
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from services.logging.cloudwatch import EVENT_MAX_BYTES, CloudWatch, CloudWatchHandler, event_message
from services.logging.settings import LoggingSettings
from services.logging.shipping import Bounds, DeliveryError, Shipper
from tests.backend.process.backend_process import free_port
from tests.backend.tracing.servers import Answer, http_server

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

GROUP = "/cruddur/local/backend-flask"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of moto's server."""
    server = ThreadedMotoServer("127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any will do."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def logs(endpoint: str) -> "Iterator[CloudWatchLogsClient]":
    """A client; the group exists for the test."""
    client = boto3.client("logs", endpoint_url=endpoint, region_name="us-east-1")
    client.create_log_group(logGroupName=GROUP)
    yield client
    if client.describe_log_groups()["logGroups"]:
        client.delete_log_group(logGroupName=GROUP)


def settings(url: str) -> LoggingSettings:
    """Return settings that lead there."""
    return LoggingSettings(to_cloudwatch=True, group_name=GROUP, region="us-east-1", endpoint_url=url)


def event(message: str) -> dict[str, Any]:
    """Return an event of now."""
    return {"timestamp": int(time.time() * 1000), "message": message}


def test_a_stream_is_made_and_lines_are_whole(endpoint: str, logs: "CloudWatchLogsClient") -> None:
    """One stream for this process; the events are the JSON lines."""
    shipper = Shipper(CloudWatch(settings(endpoint)), Bounds(10, 10_000, 10, 10_000, 0.01))
    handler = CloudWatchHandler(shipper)
    handler.emit(logging.LogRecord("name", logging.INFO, "path", 1, "said %s", ("so",), None))
    shipper.start()
    shipper.stop(time.monotonic() + 10)
    assert shipper.status()["sent"] == 1, shipper.status()
    [stream] = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert stream["logStreamName"].endswith(f"/{os.getpid()}")
    answer = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"])
    [line] = [json.loads(one["message"]) for one in answer["events"]]
    assert (line["message"], line["level"], line["pid"]) == ("said so", "INFO", os.getpid())


def test_a_group_that_is_missing_is_not_made(endpoint: str, logs: "CloudWatchLogsClient") -> None:
    """It is Terraform's, with its retention and key; once it is there, the same batch goes."""
    logs.delete_log_group(logGroupName=GROUP)
    place = CloudWatch(settings(endpoint))
    with pytest.raises(DeliveryError, match=r"the group does not exist; apply the unit logs") as raised:
        place.send([event("a")])
    assert (raised.value.cause, raised.value.is_final) == ("ResourceNotFoundException", False)
    assert logs.describe_log_groups()["logGroups"] == []
    logs.create_log_group(logGroupName=GROUP)
    assert place.send([event("a")]) == 0


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("AccessDeniedException", False),
        ("ThrottlingException", False),
        ("ServiceUnavailableException", False),
        ("InvalidParameterException", True),
    ],
)
def test_refusals_are_told_by_aws_code(code: str, is_final: bool) -> None:
    """With the group and what to do."""
    with (
        http_server(lambda _: Answer.of({"__type": code, "message": "no"}, 400)) as server,
        pytest.raises(DeliveryError, match=f"{code} for {GROUP}: ") as raised,
    ):
        CloudWatch(settings(server.url)).send([event("a")])
    assert (raised.value.cause, raised.value.is_final) == (code, is_final)


def test_nobody_listens() -> None:
    """Told as that; it is tried again."""
    with pytest.raises(DeliveryError, match="AWS_ENDPOINT_URL") as raised:
        CloudWatch(settings(f"http://127.0.0.1:{free_port()}")).send([event("a")])
    assert (raised.value.cause, raised.value.is_final) == ("unreachable", False)


@pytest.mark.parametrize(
    ("info", "rejected"),
    [
        ({"tooOldLogEventEndIndex": 1}, 1),
        ({"expiredLogEventEndIndex": 2}, 2),
        ({"tooNewLogEventStartIndex": 2}, 1),
        ({"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}, 2),
    ],
)
def test_events_that_cloudwatch_rejects_are_counted(info: dict[str, int], rejected: int) -> None:
    """The batch is accepted but for some of its events."""
    with http_server(lambda _: Answer.of({"rejectedLogEventsInfo": info})) as server:
        assert CloudWatch(settings(server.url)).send([event(text) for text in "abc"]) == rejected


def test_a_line_that_is_too_long_is_cut_and_stays_json() -> None:
    """Also one that is all quotes, of which each takes two bytes more."""
    line = json.dumps({"message": '"' * EVENT_MAX_BYTES})
    cut = event_message(line)
    assert len(cut) <= EVENT_MAX_BYTES - 26
    assert json.loads(cut)["bytes"] == len(line)
    assert event_message("{}") == "{}"
