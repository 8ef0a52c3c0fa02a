"""The local Honeycomb over HTTP."""

import asyncio
import gzip
import json
import logging
import re
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from google.rpc.status_pb2 import Status as RpcStatus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from localcloud.honeycomb.api.resources import Resources
from localcloud.honeycomb.api.times import now_ns
from localcloud.honeycomb.application import HoneycombApplication
from localcloud.honeycomb.asgi import BODY_MAX_BYTES, Message
from localcloud.honeycomb.events import Event
from localcloud.honeycomb.ingest import INLINE_MAX_BYTES
from localcloud.honeycomb.keys import PERMISSIONS, Key
from localcloud.honeycomb.store import EventStore

from .conftest import KEY, PROTOBUF, TRACE_ID, Honeycomb, span, trace_request, zstd

DOCS = Path(__file__).parents[3] / "docs/local-cloud.md"
GOOD = trace_request(span()).SerializeToString()
JSON = "application/json"


@pytest.mark.parametrize("compression", [Compression.Gzip, Compression.NoCompression])
def test_the_otlp_exporter_delivers_a_trace(honeycomb: Honeycomb, compression: Compression) -> None:
    """Spans of the real SDK are found under their trace id."""
    exporter = OTLPSpanExporter(
        f"{honeycomb.url}/v1/traces", headers={"x-honeycomb-team": KEY}, compression=compression
    )
    provider = TracerProvider(resource=Resource({"service.name": "cruddur", "service.version": "1"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("home", "2")
    with (
        pytest.raises(ValueError, match="bad"),
        tracer.start_as_current_span("outer") as outer,
        tracer.start_as_current_span("inner", attributes={"app.result_length": 3}),
    ):
        raise ValueError("bad")
    provider.shutdown()
    trace_id = f"{outer.get_span_context().trace_id:032x}"
    events = honeycomb.events(trace_id)
    spans = {event["data"]["name"]: event["data"] for event in events if "trace.span_id" in event["data"]}
    assert set(spans) == {"outer", "inner"}
    assert spans["inner"]["trace.parent_id"] == spans["outer"]["trace.span_id"]
    assert "trace.parent_id" not in spans["outer"]
    assert spans["inner"]["app.result_length"] == 3
    assert spans["inner"]["error"] is True
    assert spans["inner"]["exception.type"] == "ValueError"
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    assert {event["dataset"] for event in events} == {"cruddur"}
    assert honeycomb.control("datasets") == {
        "datasets": [{"slug": "cruddur", "name": "cruddur", "events": len(events)}]
    }


@pytest.mark.parametrize(
    ("content_type", "body", "answer"),
    [(PROTOBUF, GOOD, b""), ("application/protobuf", GOOD, b""), (JSON, b'{"resourceSpans":[]}', b"{}")],
    ids=["x-protobuf", "protobuf", "json"],
)
def test_success_is_an_empty_message_in_the_same_type(
    honeycomb: Honeycomb, content_type: str, body: bytes, answer: bytes
) -> None:
    """ExportTraceServiceResponse without fields: no bytes, or an empty object."""
    response = honeycomb.post(body, content_type)
    assert (response.status, response.headers["content-type"], response.body) == (200, content_type, answer)


@pytest.mark.parametrize("content_type", [PROTOBUF, "application/protobuf", JSON])
@pytest.mark.parametrize(
    ("key", "body", "status", "message"),
    [
        (None, GOOD, 401, "missing 'x-honeycomb-team' header"),
        ("wrong", GOOD, 401, "unknown API key - check your credentials, region, and API URL"),
        ("0" * 32, GOOD, 401, "missing 'x-honeycomb-dataset' header"),
        (KEY, b"\xff", 400, "failed to parse OTLP request body: "),
        (None, b"\xff", 401, "missing 'x-honeycomb-team' header"),
    ],
    ids=["no key", "wrong key", "classic key", "bad body", "no key and bad body"],
)
def test_errors_are_google_rpc_status_in_the_same_type(
    honeycomb: Honeycomb, content_type: str, key: str | None, body: bytes, status: int, message: str
) -> None:
    """Only the message is set; the key is looked at before the body."""
    response = honeycomb.post(body, content_type, key)
    assert (response.status, response.headers["content-type"]) == (status, content_type)
    if content_type == JSON:
        document = response.json()
        assert set(document) == {"message"}
        found = document["message"]
    else:
        found = RpcStatus.FromString(response.body).message
        assert RpcStatus.FromString(response.body) == RpcStatus(message=found)
    assert found.startswith(message)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json; charset=utf-8"])
def test_a_wrong_type_is_told_before_the_key_is_looked_at(honeycomb: Honeycomb, content_type: str) -> None:
    """415 in plain text."""
    response = honeycomb.post(GOOD, content_type, key=None)
    assert (response.status, response.headers["content-type"]) == (415, "text/plain")
    assert response.body == (
        b"unsupported content-type, valid types are: "
        b"application/protobuf, application/x-protobuf, application/json"
    )


def test_zstd_is_read(honeycomb: Honeycomb) -> None:
    """As gzip is."""
    assert honeycomb.post(zstd(GOOD), content_encoding="zstd").status == 200
    assert len(honeycomb.events()) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (bytes(BODY_MAX_BYTES + 1), {}),
        (gzip.compress(bytes(BODY_MAX_BYTES + 1)), {"content_encoding": "gzip"}),
    ],
    ids=["long", "bomb"],
)
def test_a_body_over_20_mib_is_400(honeycomb: Honeycomb, body: bytes, headers: dict[str, str]) -> None:
    """Long as sent, or only when unpacked: the client gets to read the answer, and the next request works."""
    response = honeycomb.post(body, **headers)
    assert response.status == 400
    assert RpcStatus.FromString(response.body).message == (
        "failed to parse OTLP request body: more than 20971520 bytes"
    )
    assert honeycomb.post(GOOD).status == 200


def test_a_large_body_is_stored(honeycomb: Honeycomb) -> None:
    """Bodies that are read in a thread end up in the same store."""
    body = trace_request(*[span(name="x" * 300) for _ in range(2000)]).SerializeToString()
    assert len(body) > 512 * 1024
    assert honeycomb.post(gzip.compress(body), content_encoding="gzip").status == 200
    assert len(honeycomb.events()) == 2000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    body=st.binary(max_size=300) | st.just(GOOD),
    content_type=st.sampled_from([PROTOBUF, "application/protobuf", JSON, "text/plain"]),
    encoding=st.sampled_from(["", "gzip", "zstd", "deflate"]),
    key=st.sampled_from([KEY, "wrong", None]),
)
def test_no_request_gets_a_5xx(
    honeycomb: Honeycomb, body: bytes, content_type: str, encoding: str, key: str | None
) -> None:
    """Random bytes in any combination of type, encoding and key are answered with 200, 400, 401 or 415."""
    headers = {"content_encoding": encoding} if encoding else {}
    assert honeycomb.post(body, content_type, key, **headers).status in (200, 400, 401, 415)


def test_auth_describes_the_key(honeycomb: Honeycomb) -> None:
    """200 for the key, with its id and never its secret."""
    response = honeycomb.call("GET", "/1/auth", headers={"X-Honeycomb-Team": KEY})
    assert response.status == 200
    assert response.json()["type"] == "ingest"
    assert KEY.startswith(response.json()["id"])
    assert KEY[22:].encode() not in response.body


@pytest.mark.parametrize("headers", [{}, {"X-Honeycomb-Team": "wrong"}, {"X-Honeycomb-Team": ""}])
def test_auth_refuses_other_keys(honeycomb: Honeycomb, headers: dict[str, str]) -> None:
    """401 with the management API's text."""
    response = honeycomb.call("GET", "/1/auth", headers=headers)
    assert (response.status, response.json()) == (401, {"error": "unknown API key - check your credentials"})


@pytest.mark.parametrize("path", ["/", "/1/events", "/1/batch/a/b", "/v1/traces/", "/3/auth", "//1/auth"])
def test_unknown_paths_are_404_in_json(honeycomb: Honeycomb, path: str) -> None:
    """As a problem document with an error beside."""
    response = honeycomb.call("POST", path, b"{}", {"X-Honeycomb-Team": KEY})
    assert (response.status, response.json()["status"]) == (404, 404)
    assert response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/traces", "POST"),
        ("POST", "/1/auth", "GET"),
        ("PATCH", "/1/datasets/cruddur", "DELETE, GET, PUT"),
        ("DELETE", "/1/queries/cruddur/abc", "GET"),
    ],
)
def test_other_methods_are_405(honeycomb: Honeycomb, method: str, path: str, allow: str) -> None:
    """With the method that is allowed."""
    response = honeycomb.call(method, path)
    assert (response.status, response.headers["allow"]) == (405, allow)
    assert response.json()["type"] == "https://api.honeycomb.io/problems/method-not-allowed"


def test_the_docs_name_every_route() -> None:
    """Each with its methods and the permissions that it needs."""
    rows = [line.split("|") for line in DOCS.read_text().splitlines() if line.startswith("| `/")]
    store = EventStore()
    for route in Resources(store, now_ns).routes():
        path = re.sub(r"/\{(slug|id)\}", "", route.template).replace("{dataset}", "<dataset>")
        (row,) = (row for row in rows if re.match(rf" `{re.escape(path)}(/<slug>)?`", row[1]))
        assert route.method in row[2]
        assert all(permission in row[3] for permission in route.needs)
        assert (".../<" in row[1]) or "{id}" not in route.template
    store.close()


def test_no_key_is_logged(honeycomb: Honeycomb, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a good nor a refused key is in any log line, at the lowest level."""
    refused = "hcaik_" + "r" * 58
    with caplog.at_level(logging.DEBUG):
        honeycomb.post(GOOD)
        honeycomb.post(GOOD, key=refused)
        honeycomb.call("GET", "/1/auth", headers={"X-Honeycomb-Team": refused})
    assert KEY not in caplog.text
    assert refused not in caplog.text


def test_a_stored_event_is_shown_whole(honeycomb: Honeycomb) -> None:
    """Times have nanoseconds; numbers that JSON has not are shown as text."""
    document = {"name": "odd", "attributes": [{"key": "x", "value": {"doubleValue": "NaN"}}]}
    document |= {"traceId": TRACE_ID.hex(), "startTimeUnixNano": "1700000000000000007"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [document]}]}]}
    assert honeycomb.post(json.dumps(body).encode(), JSON).status == 200
    (event,) = honeycomb.events(TRACE_ID.hex().upper())
    assert event["time"] == "2023-11-14T22:13:20.000000007Z"
    assert event["samplerate"] == 1
    assert event["data"]["x"] == "NaN"


class ThreadsNoted(EventStore):
    """A store that notes which threads add to it."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    def add(self, events: Iterable[Event]) -> None:
        self.threads.append(threading.get_ident())
        super().add(events)


@pytest.mark.parametrize(
    ("body", "encoding", "is_beside"),
    [
        (GOOD, "", False),
        (gzip.compress(GOOD), "gzip", True),
        (zstd(GOOD), "zstd", True),
        (trace_request(span(name="x" * INLINE_MAX_BYTES)).SerializeToString(), "", True),
    ],
    ids=["short", "gzip", "zstd", "long"],
)
def test_what_may_take_long_is_taken_beside_the_event_loop(
    body: bytes, encoding: str, is_beside: bool
) -> None:
    """Packed bodies, however short, as a few bytes may hold many spans; and those beyond 4 KiB."""
    store = ThreadsNoted()
    application = HoneycombApplication(Key(KEY, PERMISSIONS), store)
    headers = {"x-honeycomb-team": KEY, "content-type": PROTOBUF}
    if encoding:
        headers["content-encoding"] = encoding
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/traces",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(application(scope, receive, send))
    application.close()
    assert sent[0]["status"] == 200
    assert [thread != threading.get_ident() for thread in store.threads] == [is_beside]
