"""Hostile requests to every route: an error of the client's, nothing stored, bounded memory."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow  # type: ignore[import-untyped]
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.honeycomb.api.resources import Resources
from localcloud.honeycomb.api.times import now_ns
from localcloud.honeycomb.store import EventStore

from .conftest import KEY, Honeycomb

ROOT = Path(__file__).parents[3]
MEBIBYTE = 1024 * 1024
START_SECONDS = 60

SQL = ["'; DROP TABLE events; --", '"; DELETE FROM datasets; --', "x' OR '1'='1", "$1", "?", "%s", "{}", "c0"]
PATHS = [
    "..",
    "../..",
    "../_localcloud/keys",
    "%2e%2e",
    "/etc/passwd",
    "\0",
    "\udcff",
    "é",
    " ",
    ";",
    "__all__",
]
BOUNDED = settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _routes() -> list[tuple[str, str]]:
    """Method and template of every route."""
    store = EventStore()
    routes = [(route.method, route.template) for route in Resources(store, now_ns).routes()]
    store.close()
    return [*routes, ("POST", "/v1/traces")]


ROUTES = _routes()
hostile_text = st.sampled_from([*SQL, *PATHS, "x" * 5_000]) | st.text(max_size=20)
numbers = (
    st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.sampled_from([2**63, -(2**63) - 1, 10**4_000, 0, -1])
)
values = st.recursive(
    st.none() | st.booleans() | numbers | hostile_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(hostile_text, inner, max_size=4),
    max_leaves=12,
)
# fmt: off
MEMBERS = [
    "name", "type", "description", "key_name", "hidden", "alias", "expression", "query_id", "limit",
    "disable_series", "message", "url", "color", "start_time", "end_time", "panels", "tags",
    "preset_filters", "calculations", "filters", "breakdowns", "orders", "havings", "data", "time",
    "samplerate", "settings", "granularity", "time_range", "calculated_fields", "op", "column",
    "value", "layout_generation",
]
# fmt: on
"""Of the bodies of every route."""

documents = st.dictionaries(st.sampled_from(MEMBERS), values, max_size=6) | values


def _json(document: Any) -> bytes:
    """The document as JSON, also with what JSON has not: NaN, lone surrogates, huge numbers."""
    return json.dumps(document, default=str).encode("utf-8", "surrogatepass")


bodies = (
    st.binary(max_size=200)
    | documents.map(_json)
    | documents.map(lambda document: gzip.compress(_json(document)))
    | st.sampled_from(
        [b"[" * 90_000, b'{"a":' * 15_000, b'{"name":"\\ud800"}', b"\xff\xfe{\x00}\x00", b"null"]
    )
)


@BOUNDED
@given(
    route=st.sampled_from(ROUTES),
    parameter=hostile_text | st.just("cruddur"),
    body=bodies,
    kind=st.sampled_from(["application/json", "", "application/x-protobuf", "text/html"]),
    encoding=st.sampled_from(["", "", "gzip", "zstd", "br"]),
    query=hostile_text,
)
def test_no_request_gets_a_5xx(
    honeycomb: Honeycomb,
    route: tuple[str, str],
    parameter: str,
    body: bytes,
    kind: str,
    encoding: str,
    query: str,
) -> None:
    """Whatever path, query, type, encoding and body: answered, counted, stored only where it was taken."""
    method, template = route
    segment = quote(parameter.encode("utf-8", "surrogatepass"), safe="")
    path = re.sub(r"\{\w+\}", lambda _: segment, template)
    path += "?key_name=" + quote(query.encode("utf-8", "surrogatepass"), safe="")
    headers = {"x-honeycomb-team": KEY, "content-type": kind}
    if encoding:
        headers["content-encoding"] = encoding
    before = honeycomb.control("counters")
    answer = honeycomb.call(method, path, body, headers)
    after = honeycomb.control("counters")
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert after["events.stored"] == before["events.stored"]
    requests_before, requests_after = (
        one.get("requests", 0) + one.get("api.requests", 0) for one in (before, after)
    )
    assert requests_after == requests_before + 1


names = st.sampled_from(
    re.findall(
        r"\w+",
        """resourceSpans resource attributes key value scopeSpans scope spans traceId spanId parentSpanId
        links events name kind status code message stringValue intValue doubleValue bytesValue arrayValue
        kvlistValue values startTimeUnixNano endTimeUnixNano schemaUrl traceState flags""",
    )
)
halves = st.sampled_from(["\ud800", "\udfff", "x\udc00y", "SPAN_KIND_\ud800", "SPAN_KIND_SERVER", "é", "\0"])
"""Halves of surrogate pairs, and what is like them but text."""

otlp_values = st.recursive(
    st.none() | st.booleans() | numbers | hostile_text | halves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | halves, inner, max_size=4),
    max_leaves=10,
)
otlp_objects = st.dictionaries(names | halves, otlp_values, max_size=5)


def _request(resource: Any, scope: Any, spans: list[Any]) -> Any:
    return {"resourceSpans": [{**resource, "scopeSpans": [{**scope, "spans": spans}]}]}


@BOUNDED
@given(
    document=st.builds(_request, otlp_objects, otlp_objects, st.lists(otlp_objects, max_size=3)),
    encoding=st.sampled_from(["", "gzip"]),
)
def test_nearly_right_traces_are_taken_or_refused(honeycomb: Honeycomb, document: Any, encoding: str) -> None:
    """Right in their shape, with anything as names, texts and enums: 200 and stored, or 400 and not."""
    before = honeycomb.control("counters")["events.received"]
    body = gzip.compress(_json(document)) if encoding else _json(document)
    headers = {"content_encoding": encoding} if encoding else {}
    answer = honeycomb.post(body, "application/json", **headers)
    received = honeycomb.control("counters")["events.received"] - before
    assert answer.status in (200, 400), answer
    assert answer.status == 200 or received == 0
    if answer.status == 200:
        assert received >= len(document["resourceSpans"][0]["scopeSpans"][0]["spans"])


@settings(BOUNDED, max_examples=200)
@given(
    parts=st.lists(hostile_text, max_size=5),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "X"]),
)
def test_any_path_is_answered(honeycomb: Honeycomb, parts: list[str], method: str) -> None:
    """By what it is after decoding, never by where it would lead as a file's path."""
    path = "/1/" + "/".join(quote(part.encode("utf-8", "surrogatepass"), safe="") for part in parts)
    assert honeycomb.call(method, path, None, {"x-honeycomb-team": KEY}).status < 500


@pytest.mark.parametrize(
    "target",
    [
        b"/1/../_localcloud/keys",
        b"/1/%2e%2e/_localcloud/keys",
        b"/1/..%2f_localcloud%2fkeys",
        b"//1/auth",
        b"/1//auth",
        b"/1/auth/..",
        b"/1/datasets/%00",
        b"/1/datasets/%ff%fe",
        b"/1/columns/a%2fb",
        b"/1/%61uth/x",
        b"/1/datasets/" + b"a" * 60_000,
        b"*",
    ],
    ids=repr,
)
def test_path_tricks_lead_nowhere(honeycomb: Honeycomb, target: bytes) -> None:
    """Sent as they are, which a well-behaved client would not."""
    with socket.create_connection(("127.0.0.1", honeycomb.port), timeout=20) as connection:
        head = b"GET " + target + b" HTTP/1.1\r\nhost: x\r\nx-honeycomb-team: " + KEY.encode()
        connection.sendall(head + b"\r\nconnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer[:200]
    assert b'"keys"' not in answer


@settings(BOUNDED, max_examples=100)
@given(name=st.sampled_from(SQL) | st.text(min_size=1, max_size=30), value=hostile_text)
def test_sql_in_names_and_values_is_text(honeycomb: Honeycomb, name: str, value: str) -> None:
    """It is stored and found again as it was sent, as a column's name too."""
    clean = name.encode("utf-8", "replace").decode()
    kept = value.encode("utf-8", "replace").decode()
    body = json.dumps([{"data": {clean: kept, "n": 1}}])
    assert honeycomb.api("POST", "/1/batch/sql", body.encode()).json() == [{"status": 202}]
    counters = honeycomb.control("counters")
    page = honeycomb.control(f"events/{counters['events.stored'] - 1}")["events"]
    assert page[-1]["data"] == {clean: kept, "n": 1} | ({"n": 1} if clean == "n" else {})
    columns = honeycomb.api("GET", "/1/columns/sql?key_name=" + quote(clean, safe="")).json()
    assert columns["key_name"] == clean


@pytest.mark.parametrize("text", [*SQL, "\0", "é'\"", "`x`", "[x]", "a.b"])
def test_sql_in_queries_is_text(honeycomb: Honeycomb, text: str) -> None:
    """In a breakdown, filters, a calculation, an order, a having and a calculated field."""
    honeycomb.control("limits", "PUT", {"query_results_per_minute": None, "truncate_windows": False})
    events = [{"data": {text: value, "n": 1}} for value in (text, text, "other")]
    honeycomb.api("POST", "/1/batch/sql", events)
    distinct = {"op": "COUNT_DISTINCT", "column": text}
    for condition in (
        {"op": "=", "value": text},
        {"op": "starts-with", "value": text},
        {"op": "contains", "value": text},
        {"op": "in", "value": [text]},
    ):
        query = {
            "calculations": [{"op": "COUNT"}, distinct],
            "breakdowns": [text],
            "filters": [{"column": text, **condition}],
            "orders": [{"column": text}, distinct],
            "havings": [{"calculate_op": "COUNT_DISTINCT", "column": text, "op": ">", "value": 0}],
            "calculated_fields": [{"name": f"{text}!", "expression": "INT(1)"}],
        }
        made = honeycomb.api("POST", "/1/queries/sql", query)
        assert made.status == 200, made
        body = {"query_id": made.json()["id"]}
        path = honeycomb.api("POST", "/1/query_results/sql", body).headers["location"]
        found: dict[str, Any] = {"complete": False}
        while not found["complete"]:
            found = honeycomb.api("GET", path).json()
        (row,) = found["data"]["results"]
        assert row["data"] == {"COUNT": 2, f"COUNT_DISTINCT({text})": 1, text: text}
    assert honeycomb.control("counters")["events.kept"] == 3


@contextmanager
def _process() -> Iterator[tuple[str, int]]:
    """A local Honeycomb as a process of its own: its address and the process's number."""
    code = (
        "import sys, uvicorn\n"
        "from localcloud.honeycomb import create_application\n"
        "uvicorn.run(create_application(sys.stdin.readline().strip()), fd=int(sys.argv[1]), http='httptools',"
        " ws='none', lifespan='off', log_config=None)\n"
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            pass_fds=[number],
        )
        try:
            assert process.stdin is not None
            process.stdin.write(f"{KEY}\n".encode())
            process.stdin.close()
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            # The socket listens already, so that the first request waits for the process.
            assert requests.get(f"{address}/_localcloud/health", timeout=START_SECONDS).ok
            yield address, process.pid
        finally:
            process.terminate()
            assert process.wait(START_SECONDS) == -15 or os.name == "nt"


def _peak(process: int) -> int:
    """The most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def _zeros(mebibytes: int) -> Iterator[bytes]:
    """As many zero bytes, in parts."""
    for _ in range(mebibytes):
        yield bytes(MEBIBYTE)


def _gzip_bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    return b"".join(packer.compress(part) for part in _zeros(mebibytes)) + packer.flush()


def _delimited(field: int, body: bytes) -> bytes:
    """The body as a protobuf message's field."""
    length = len(body)
    digits = bytearray([field << 3 | 2])
    while length > 127:
        digits.append(length & 127 | 128)
        length >>= 7
    return bytes([*digits, length]) + body


VALID_BOMBS = {
    "spans": gzip.compress(_delimited(1, _delimited(2, b"\x12\x00" * 10_000_000))),
    "members": gzip.compress(b"", mtime=0) * 50_000,
}
"""What is right to the last byte: spans of two bytes each, and empty members of a gzip file."""


def test_huge_bodies_take_bounded_memory() -> None:
    """100 MiB as sent, and bombs that unpack to 256 MiB, on every kind of path."""
    with _process() as (address, process):
        headers = {"x-honeycomb-team": KEY, "content-type": "application/json"}
        zstd_bomb = bytes(pyarrow.compress(bytes(256 * MEBIBYTE), codec="zstd", asbytes=True))
        bombs = [("gzip", _gzip_bomb(256)), ("zstd", zstd_bomb)]
        # What the first requests load for good isn't counted.
        for encoding in ("gzip", "zstd"):
            requests.post(
                f"{address}/v1/traces", b"x", headers=headers | {"content-encoding": encoding}, timeout=20
            )
        before = _peak(process)
        statuses = {}
        protobuf = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
        for name, bomb in VALID_BOMBS.items():
            for path in ("/v1/traces", "/1/events/cruddur", "/1/boards"):
                packed = headers | (protobuf if path == "/v1/traces" else {"content-encoding": "gzip"})
                answer = requests.post(f"{address}{path}", bomb, headers=packed, timeout=60)
                statuses[path, name] = answer.status_code
        for path in ("/v1/traces", "/1/events/cruddur", "/1/batch/cruddur", "/1/datasets", "/1/boards"):
            for encoding, bomb in bombs:
                packed = headers | {"content-encoding": encoding}
                answer = requests.post(f"{address}{path}", bomb, headers=packed, timeout=60)
                statuses[path, encoding] = answer.status_code
        for path in ("/1/batch/cruddur", "/1/datasets", "/_localcloud/keys"):
            answer = requests.post(f"{address}{path}", _zeros(100), headers=headers, timeout=60)
            statuses[path, ""] = answer.status_code
        assert set(statuses.values()) == {400, 413}, statuses
        assert _peak(process) - before < 160 * MEBIBYTE
        counters = requests.get(f"{address}/_localcloud/counters", timeout=20).json()
        assert counters["events.stored"] == 0
        assert (
            counters["requests.400"] + counters["api.requests.400"] + counters["api.requests.413"] == 14 + 6
        )
