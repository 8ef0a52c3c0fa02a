"""A local Honeycomb that serves real HTTP, and shorthands for trace requests."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pytest
import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from localcloud.honeycomb import create_application
from localcloud.honeycomb.asgi import Application, Receive, Scope, Send

KEY = "hcaik_" + "0123456789abcdef0123456789" + "s" * 32
PROTOBUF = "application/x-protobuf"
TRACE_ID = bytes.fromhex("65a1b2c3d4e5f60718293a4b5c6d7e8f")
SPAN_ID = bytes.fromhex("0123456789abcdef")
START = 1_700_000_000_123_456_789


def any_value(value: Any) -> AnyValue:
    """OTLP's form of a Python value; None is a value without a kind."""
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=attributes(value)))
    raise TypeError(f"no attribute: {value!r}")


def attributes(values: dict[str, Any]) -> list[KeyValue]:
    """OTLP's form of a dict."""
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def span(**fields: Any) -> Span:
    """A span of 1.5 ms with usual ids, changed by `fields`."""
    usual: dict[str, Any] = {
        "trace_id": TRACE_ID,
        "span_id": SPAN_ID,
        "name": "home",
        "start_time_unix_nano": START,
        "end_time_unix_nano": START + 1_500_000,
    }
    return Span(**(usual | fields))


def trace_request(
    *spans: Span, resource: dict[str, Any] | None = None, **scope: Any
) -> ExportTraceServiceRequest:
    """A request with one resource and one scope."""
    spans_of_resource = ResourceSpans(scope_spans=[ScopeSpans(spans=spans)])
    spans_of_resource.resource.attributes.extend(
        attributes({"service.name": "cruddur"} if resource is None else resource)
    )
    for name, value in scope.items():
        if name == "attributes":
            spans_of_resource.scope_spans[0].scope.attributes.extend(attributes(value))
        else:
            setattr(spans_of_resource.scope_spans[0].scope, name, value)
    return ExportTraceServiceRequest(resource_spans=[spans_of_resource])


def zstd(body: bytes) -> bytes:
    """The body packed with zstd."""
    return bytes(pyarrow.compress(body, codec="zstd", asbytes=True))


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Honeycomb:
    """A running local Honeycomb."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def post(
        self, body: bytes, content_type: str = PROTOBUF, key: str | None = KEY, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if content_type:
            sent["content-type"] = content_type
        if key is not None:
            sent["x-honeycomb-team"] = key
        return self.call("POST", "/v1/traces", body, sent)

    def api(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        key: str | None = KEY,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {} if key is None else {"x-honeycomb-team": key}
        body = None
        if document is not None:
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            sent["content-type"] = "application/json"
        return self.call(method, path, body, sent | (headers or {}))

    def control(self, path: str, method: str = "GET", document: object = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        answer = self.call(method, f"/_localcloud/{path}", body)
        assert answer.status == 200, answer
        return answer.json()

    def events(self, trace_id: str = TRACE_ID.hex()) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control(f"traces/{trace_id}")["events"]
        return found


class Switch:
    """An ASGI application that is another one for each test; the server stays."""

    application: Application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[Switch, int]]:
    """uvicorn, as in the local cloud, in a thread."""
    switch = Switch()
    switch.application = application = create_application(KEY)
    server = uvicorn.Server(uvicorn.Config(switch, http="httptools", ws="none", log_config=None))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        end = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.005)
        yield switch, listener.getsockname()[1]
        server.should_exit = True
        thread.join()
    application.close()


@pytest.fixture
def honeycomb(server: tuple[Switch, int]) -> Iterator[Honeycomb]:
    """An empty local Honeycomb that accepts `KEY`."""
    switch, port = server
    switch.application = application = create_application(KEY)
    yield Honeycomb(port)
    application.close()
