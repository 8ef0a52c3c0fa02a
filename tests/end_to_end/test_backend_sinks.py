"""What the sinks' local stand-ins make of broken input, while a backend sends to them."""

from __future__ import annotations

import gzip
import json
import os
import socket
from typing import TYPE_CHECKING

import pytest
import requests
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.end_to_end.backend import KEY_PARAMETER, control, trace_id_of, tracing_of, until
from tests.end_to_end.traces import in_both

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.end_to_end.backend import Stage
    from tests.end_to_end.checkout import Checkout

PROTOBUF = "application/x-protobuf"
JSON_TYPE = "application/json"
UNKNOWN_KEY = "unknown API key - check your credentials, region, and API URL"
WRONG_TYPE = "unsupported content-type, valid types are: "
UNPARSEABLE = "failed to parse OTLP request body"
HEADER = b'{"format":"json","version":1}\n'


def spans() -> bytes:
    """Return an OTLP request with one span."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = os.urandom(16), os.urandom(8), "span"
    return bytes(request.SerializeToString())


def message_of(response: requests.Response) -> str:
    """Return an error's text, which has the form of the request's content type."""
    content_type = response.headers["Content-Type"]
    if content_type == PROTOBUF:
        return str(Status.FromString(response.content).message)
    return str(response.json()["message"]) if content_type == JSON_TYPE else response.text


BROKEN = {
    "cut off": ({}, spans()[:-3], 400, UNPARSEABLE),
    "gzip cut off": ({"Content-Encoding": "gzip"}, gzip.compress(spans())[:-9], 400, UNPARSEABLE),
    "no gzip": ({"Content-Encoding": "gzip"}, spans(), 400, UNPARSEABLE),
    "JSON cut off": ({"Content-Type": JSON_TYPE}, b'{"resourceSpans":[{', 400, UNPARSEABLE),
    "text": ({"Content-Type": "text/plain"}, spans(), 415, WRONG_TYPE),
    "JSON with charset": ({"Content-Type": f"{JSON_TYPE}; charset=utf-8"}, b"{}", 415, WRONG_TYPE),
    "wrong key": ({"x-honeycomb-team": "hcaik_" + "q" * 58}, spans(), 401, UNKNOWN_KEY),
    "no key": ({"x-honeycomb-team": ""}, spans(), 401, "missing 'x-honeycomb-team' header"),
}


@pytest.mark.parametrize(("headers", "body", "status", "text"), BROKEN.values(), ids=BROKEN)
def test_broken_otlp(
    cloud: Checkout, key: str, headers: dict[str, str], body: bytes, status: int, text: str
) -> None:
    """Answered as Honeycomb answers (reference: honeycombio/husky, otlp), and counted by status."""
    honeycomb = cloud.addresses()["HONEYCOMB_API_ENDPOINT"]
    before = control(honeycomb, "counters").get(f"requests.{status}", 0)
    sent = {"Content-Type": PROTOBUF, "x-honeycomb-team": key, **headers}
    response = requests.post(f"{honeycomb}/v1/traces", body, headers=sent, timeout=10)
    assert response.status_code == status
    assert message_of(response).startswith(text)
    assert control(honeycomb, "counters")[f"requests.{status}"] == before + 1


def test_broken_input_beside_a_backend(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Malformed packets and requests are counted by cause; the backend's own trace arrives after them."""
    packets = {
        "missing_newline": os.urandom(64).replace(b"\n", b"-"),
        "missing_body": HEADER,
        "bad_header": b"{\n{}",
        "bad_format": b'{"format":"xml","version":1}\n<a/>',
        "bad_version": b'{"format":"json","version":2}\n{}',
        "empty": b"",
    }
    aws = stage.addresses["AWS_ENDPOINT_URL"]
    host, port = stage.addresses["AWS_XRAY_DAEMON_ADDRESS"].rsplit(":", 1)
    before = control(aws, "daemon")
    with stage.serving(tmp_path) as backend:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for packet in (*packets.values(), HEADER + b'{"name":', HEADER + json.dumps([1]).encode()):
                sender.sendto(packet, (host, int(port)))
        requests.post(f"{stage.honeycomb}/v1/traces", b"\xff", timeout=10)
        in_both(xray, stage.honeycomb, [trace_id_of(backend.get("/api/activities/home"))], spans=2)
    counted = until(
        lambda: control(aws, "daemon"), lambda now: now["unprocessed"] - before["unprocessed"] >= 2
    )
    for cause in packets:
        assert counted[f"rejected.{cause}"] == before.get(f"rejected.{cause}", 0) + 1
    assert counted["rejected"] == before["rejected"] + len(packets)
    assert counted["unprocessed"] == before["unprocessed"] + 2


def test_a_new_key_needs_no_restart(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """A backend whose key is refused takes up the one that is written while it runs, and loses no trace."""
    stage.put(KEY_PARAMETER, "hcaik_" + "q" * 58)
    with stage.serving(tmp_path) as backend:
        trace_id = trace_id_of(backend.get("/api/activities/home"))
        until(
            lambda: tracing_of(backend)["sinks"]["honeycomb"]["last_error"], lambda error: error is not None
        )
        stage.put(KEY_PARAMETER, stage.key)
        in_both(xray, stage.honeycomb, [trace_id], spans=2)
        document = until(lambda: tracing_of(backend), lambda said: said["sinks"]["honeycomb"]["sent"] == 2)
        assert document["sinks"]["honeycomb"]["dropped"] == {}
        assert document["parameters"][KEY_PARAMETER]["version"] == 3
        assert backend.stop() == 0
        assert stage.key not in backend.output()
