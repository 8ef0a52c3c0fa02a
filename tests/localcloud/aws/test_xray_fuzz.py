"""Whatever comes to X-Ray's port is answered as X-Ray would, isn't stored, and costs little memory."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.localcloud.aws.fuzzing import MIB, MODEL, PATHS, assert_refused, bounded, fuzzed_cloud, stored
from tests.localcloud.aws.hostile import hostile_requests
from tests.localcloud.aws.raw import authorization, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.clients.cloud import RunningCloud

BODY_GROWS_MAX_BYTES = 64 * MIB


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningCloud]:
    """A local cloud for these tests alone."""
    with fuzzed_cloud() as running:
        yield running


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_spoilt_requests_of_every_operation(cloud: RunningCloud, name: str) -> None:
    """A request wrong in one place is answered as X-Ray would; what is refused leaves nothing behind."""
    before = stored(cloud)

    @settings(bounded, max_examples=25)
    @given(request=hostile_requests(MODEL.operation_model(name).input_shape))
    def spoil(request: Any) -> None:
        nonlocal before
        answer = send(cloud.aws_port, "POST", PATHS[name], json.dumps(request).encode())
        if answer.status == 200:
            assert isinstance(answer.document(), dict)
            before = stored(cloud)
            return
        assert_refused(answer)
        assert stored(cloud) == before

    spoil()


_RAW = [
    b"\x00" * 1000,
    b"\xff\xfe{\x00}\x00",
    b"{" * 100_000,
    b"[" * 1_000_000,
    b'{"a":' * 50_000,
    b"1" * 1_000_000,
    b'"' + b"x" * 1_000_000,
    b'{"StartTime": 1' + b"0" * 5000 + b', "EndTime": 1e400}',
    b'{"TraceIds": [NaN]}',
    b"-Infinity",
    b"null",
    b"[]",
    b"<xml/>",
    b"GroupName=a&Action=CreateGroup",
    gzip.compress(b" " * 10_000_000),
]


@settings(bounded, max_examples=60)
@given(name=st.sampled_from(MODEL.operation_names), body=st.sampled_from(_RAW) | st.binary(min_size=1))
def test_bytes_that_are_no_request(cloud: RunningCloud, name: str, body: bytes) -> None:
    """What is no JSON object, however deep or long, is refused and leaves nothing behind."""
    before = stored(cloud)
    headers = {"content-encoding": "gzip"} if body.startswith(b"\x1f\x8b") else {}
    answer = send(cloud.aws_port, "POST", PATHS[name], body, headers=headers)
    assert answer.code == "InvalidRequestException"
    assert_refused(answer)
    assert stored(cloud) == before


@contextmanager
def _highest(cloud: RunningCloud) -> Iterator[list[int]]:
    """Give a list of what memory the process has had since, all hundredths of a second."""
    seen, done = [cloud.rss_bytes(with_children=False)], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(cloud.rss_bytes(with_children=False))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_mib(cloud: RunningCloud, chunked: bool) -> None:
    """It is read to its end without being kept, refused with 413, and nothing is stored."""
    before = stored(cloud)
    headers = {"authorization": authorization("xray")}
    if not chunked:
        headers["content-length"] = str(100 * MIB)
    connection = http.client.HTTPConnection("127.0.0.1", cloud.aws_port, timeout=120)
    try:
        with _highest(cloud) as seen:
            body = (b"[" * MIB for _ in range(100))
            connection.request("POST", "/TraceSegments", body, headers, encode_chunked=chunked)
            response = connection.getresponse()
            document = json.loads(response.read())
    finally:
        connection.close()
    assert response.status == 413
    assert response.headers["x-amzn-errortype"] == "RequestEntityTooLargeException"
    assert "10485760" in document["message"]
    assert max(seen) - seen[0] < BODY_GROWS_MAX_BYTES
    assert stored(cloud) == before


@pytest.mark.parametrize(
    "path",
    [
        "/../Groups",
        "//Groups",
        "/Groups/",
        "/Groups/../Groups",
        "/Groups%2f",
        "/Groups%00",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5cetc%5cpasswd",
        "/groups",
        "/Groups;a=b",
        "/Groups%20",
        "/CreateGroup%0d%0aX-Y:%20z",
        "/_localcloud",
        "/" + "x" * 30_000,
        "/%ff%fe",
    ],
)
def test_path_tricks(cloud: RunningCloud, path: str) -> None:
    """Only the very path of an operation is one; all else is unknown."""
    answer = send(cloud.aws_port, "POST", path, b"{}")
    assert (answer.status, answer.code) == (404, "UnknownOperationException")
    assert "X-Y" not in answer.headers


@pytest.mark.parametrize("line", [b"POST /Groups\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"POST " + b"/" * 70_000])
def test_what_is_no_http(cloud: RunningCloud, line: bytes) -> None:
    """A connection that speaks no HTTP is refused or closed, and the next one is served."""
    with socket.create_connection(("127.0.0.1", cloud.aws_port), timeout=30) as connection:
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(100)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert send(cloud.aws_port, "POST", "/Groups", b"{}").status == 200


def test_refusals_are_counted(cloud: RunningCloud) -> None:
    """The control API lists each refused call by its operation and status."""
    assert send(cloud.aws_port, "DELETE", "/_localcloud/calls", service=None).status == 204
    for name in MODEL.operation_names:
        send(cloud.aws_port, "POST", PATHS[name], b"[")
    send(cloud.aws_port, "POST", "/" + "x" * 1000, b"{}")
    calls = send(cloud.aws_port, "GET", "/_localcloud/calls", service=None).document()
    assert [(call["operation"], call["status"]) for call in calls[:-1]] == [
        (name, 400) for name in MODEL.operation_names
    ]
    assert (calls[-1]["operation"], calls[-1]["status"]) == ("POST /" + "x" * 199, 404)
