"""The receiver of Terragrunt's spans, asked over HTTP."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

import pytest
import requests

from scripts.telemetry import receiver as receivers
from scripts.telemetry.receiver import BODY_MAX_BYTES, Receiver
from tests.scripts.telemetry.spans import TRACE_ID, request

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that runs."""
    running = Receiver(TRACE_ID)
    yield running
    running.close()


def post(receiver: Receiver, body: bytes, path: str = "/v1/traces", **headers: str) -> int:
    """Return the status that answers *body*."""
    given = {**PROTOBUF, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return requests.post(f"http://{receiver.address}{path}", data=body, headers=given, timeout=5).status_code


def test_spans_of_the_trace_are_taken_once(receiver: Receiver) -> None:
    """What is sent twice counts once; a span of another trace is nobody's."""
    body = request().SerializeToString()
    assert [post(receiver, body), post(receiver, body)] == [200, 200]
    assert post(receiver, request(trace_id=TRACE_ID + 1).SerializeToString()) == 200
    assert [one.name for one in receiver.spans()] == ["run_terraform"]


def test_what_is_no_otlp_is_refused(receiver: Receiver) -> None:
    """Each with its own status, and the receiver goes on."""
    assert post(receiver, b"\xff\xff\xff") == 400
    assert post(receiver, b"", path="/v1/logs") == 404
    assert post(receiver, b"{}", Content_Type="application/json") == 415
    assert post(receiver, b"", Content_Encoding="gzip") == 415
    assert post(receiver, b"", Content_Length=str(BODY_MAX_BYTES + 1)) == 413
    assert post(receiver, b"", Content_Length="many") in {400, 413}
    assert post(receiver, request().SerializeToString()) == 200


def test_it_holds_so_many_and_counts_the_others(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound a span is counted and not kept."""
    monkeypatch.setattr(receivers, "SPANS_MAX", 0)
    assert post(receiver, request().SerializeToString()) == 200
    assert (receiver.spans(), receiver.refused) == ([], 1)


def test_a_connection_that_breaks_is_no_line(receiver: Receiver, capfd: pytest.CaptureFixture[str]) -> None:
    """A Terragrunt that is killed while it sends: nothing is printed, and the next one is heard."""
    host, _, port = receiver.address.rpartition(":")
    head = "POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection((host, int(port))) as broken:
        broken.sendall(head.encode() + b"abc")
        broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with socket.create_connection((host, int(port))) as short:
        short.sendall(head.encode() + b"abc")
        short.shutdown(socket.SHUT_WR)
        assert short.makefile("rb").readline().split()[1] == b"400"
    assert post(receiver, request().SerializeToString()) == 200
    assert capfd.readouterr().err == ""
