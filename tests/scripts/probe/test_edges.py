"""What answers at the backend's address, or in X-Ray's place, may be anything: it is told."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from scripts.errors import OperatorError
from scripts.verify import health
from scripts.verify.probe import backend, xray
from scripts.verify.probe.backend import Account
from scripts.verify.probe.waiting import Found, Missing, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_xray import XRayClient

W12, W13 = "00000012", "00000013"
TRACE = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
SINK = {"sent": 3, "dropped": {"refused": 1}, "shortened": 0, "last_error": "gone"}
STATUS: dict[str, Any] = {
    "worker": {"id": W12, "pid": 12, "started_at": None},
    "mode": "direct",
    "problems": ["one"],
    "sinks": {"xray": SINK},
    "queue": {"size": 0, "recorded": 6, "dropped": 2},
    "probes": {"possible": True, "key_version": 3, "forced": 0, "refused": {}},
    "workers": {
        "running": [
            {"id": W12, "pid": 12, "recorded": 7, "sinks": {"xray": {"sent": 4, "dropped": 3}}},
            {"id": W13, "pid": 13, "recorded": 1, "sinks": {"xray": {"sent": 1, "dropped": 0}}},
        ]
    },
}


@contextmanager
def answering(answer: Callable[[str], tuple[int, bytes, dict[str, str]]]) -> Iterator[str]:
    """Serve what *answer* gives for a path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body, headers = answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def reading(document: object) -> backend.Seen:
    """Return what is read of a backend that answers with *document*."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with answering(lambda _: (200, body, {})) as address:
        return backend.read(address)


def test_a_status_is_read() -> None:
    """The accounts of all workers; the one that answers tells more of itself."""
    seen = reading(STATUS)
    assert (seen.worker, seen.mode, seen.possible, seen.key_version) == (W12, "direct", True, 3)
    assert seen.accounts == {W12: {"xray": Account(7, 4, 3)}, W13: {"xray": Account(1, 1, 0)}}
    assert seen.sinks["xray"].last_error == "gone"


def test_a_server_whose_workers_share_nothing() -> None:
    """The one that answers is known, what its queue dropped included."""
    assert reading({**STATUS, "workers": None}).accounts == {W12: {"xray": Account(6, 3, 3)}}


def test_a_backend_that_knows_no_probes() -> None:
    """As an older one, and one whose tracing has not started."""
    older = {name: value for name, value in STATUS.items() if name != "probes"}
    assert reading(older).possible is None
    assert reading({**STATUS, "probes": None}).possible is None


def _without(*path: str) -> dict[str, Any]:
    document = json.loads(json.dumps(STATUS))
    at = document
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return dict(document)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        {},
        _without("worker"),
        _without("sinks", "xray", "sent"),
        {**STATUS, "worker": {"id": "12"}},
        {**STATUS, "worker": {"id": 12}},
        {**STATUS, "loaded": {"workers": [{}]}},
        {**STATUS, "sinks": []},
        {**STATUS, "problems": None},
        {**STATUS, "probes": {"possible": True}},
        {**STATUS, "queue": {"recorded": True, "dropped": 0}},
        {**STATUS, "workers": {"running": [None]}},
        b" " * (health.BOUNDS.max_bytes + 1),
    ],
)
def test_any_other_answer_is_told(document: object) -> None:
    """With the address, and what to look at."""
    with pytest.raises(OperatorError, match="/health/tracing"):
        reading(document)


@pytest.mark.parametrize("status", [301, 401, 404, 500, 503])
def test_other_statuses_are_told(status: int) -> None:
    """A redirect is not followed."""
    with (
        answering(lambda _: (status, b"", {"Location": "http://127.0.0.1:1/"})) as address,
        pytest.raises(OperatorError, match=f"HTTP {status}"),
    ):
        backend.read(address)


def test_a_certain_worker_is_asked_for_three_times_at_most() -> None:
    """Until it answers, or time is over; any answer has its account."""
    asked = []

    def answer(_: str) -> tuple[int, bytes, dict[str, str]]:
        asked.append(True)
        worker = {"id": W13 if len(asked) == 2 else W12, "pid": 12}
        return 200, json.dumps({**STATUS, "worker": worker}).encode(), {}

    with answering(answer) as address:
        assert backend.read_worker(address, W13, has_time=lambda: True).worker == W13
        assert len(asked) == 2
        assert backend.read_worker(address, W13, has_time=lambda: True).accounts[W13]
        assert len(asked) == 5
        backend.read_worker(address, W13, has_time=lambda: False)
        assert len(asked) == 6


def test_a_backend_that_tells_no_ids_has_no_accounts() -> None:
    """Its pids may be those of another container's workers."""
    older = json.loads(json.dumps(STATUS).replace('"id"', '"was"'))
    assert (reading(older).worker, reading(older).accounts) == ("", {})


def test_versions_of_the_key_and_the_target() -> None:
    """Of all workers of the host; whether the OTLP sink's target is the one that was loaded."""
    held = {"workers": [{"loaded": {"parameters": {"honeycomb/api-key": {"version": 2}}}}, {"loaded": None}]}
    assert reading({**STATUS, "loaded": held}).key_versions == {2, 3}
    assert [
        reading({**STATUS, "otlp": told}).is_honeycomb
        for told in (None, {"is_loaded_endpoint": False}, {"is_loaded_endpoint": True})
    ] == [False, False, True]


def asked(answer: Callable[[str], tuple[int, bytes, dict[str, str]]]) -> str | Missing:
    """Return what is found in an X-Ray that answers so."""
    with answering(answer) as address:
        client: XRayClient = boto3.client(
            "xray",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=3),
        )
        return xray.look(client, TRACE, local=True)


def error(code: str, status: int) -> Callable[[str], tuple[int, bytes, dict[str, str]]]:
    """Return an answer with X-Ray's error."""
    return lambda _: (status, b'{"message": "said"}', {"x-amzn-errortype": code})


@pytest.mark.parametrize(
    ("code", "status", "final"),
    [
        ("ThrottledException", 429, False),
        ("InternalFailure", 500, False),
        ("AccessDeniedException", 403, True),
        ("ExpiredTokenException", 400, True),
    ],
)
def test_x_rays_errors(code: str, status: int, final: bool) -> None:
    """Each is told; what may pass is asked again."""
    told = asked(error(code, status))
    assert isinstance(told, Missing)
    assert told.final is final
    assert told.heard.startswith("X-Ray's answer: ")
    assert code in told.heard
    assert told.remedy


def test_x_ray_that_is_no_x_ray() -> None:
    """A page in its place is told."""
    told = asked(lambda _: (200, b"<html>", {}))
    assert isinstance(told, Missing)
    assert told.heard


def test_x_ray_that_has_not_processed_it() -> None:
    """It says so itself."""
    body = json.dumps({"Traces": [], "UnprocessedTraceIds": [TRACE]}).encode()
    told = asked(lambda _: (200, body, {}))
    assert isinstance(told, Missing)
    assert "unprocessed" in told.heard


def test_what_x_ray_infers_is_not_the_backends() -> None:
    """A trace that has inferred segments alone isn't there yet."""

    def traces(*documents: dict[str, Any]) -> Callable[[str], tuple[int, bytes, dict[str, str]]]:
        segments = [{"Id": "1", "Document": json.dumps(document)} for document in documents]
        body = json.dumps({"Traces": [{"Id": TRACE, "Segments": segments}], "UnprocessedTraceIds": []})
        return lambda _: (200, body.encode(), {})

    assert asked(traces({"name": "a", "inferred": True})) == Missing()
    assert asked(traces({"name": "a", "inferred": True}, {"name": "b"})) == "1 segment of b"


def test_a_wait_is_bounded_and_can_be_ended() -> None:
    """It ends with what it finds, with what says that there is no use, at its deadline, or when stopped."""
    waiting = Waiting(since=0.0, seconds=0.0)
    assert waiting.until(lambda: Missing("not yet"), (60.0,)) == Missing("not yet")
    found = waiting.until(lambda: "there", (60.0,))
    assert isinstance(found, Found)
    assert found.words == "there"
    long = Waiting(since=float("inf"), seconds=1e9)
    assert long.until(lambda: Missing(final=True), (60.0,)) == Missing(final=True)
    looked = []

    def look() -> Missing:
        looked.append(True)
        if len(looked) == 3:
            long.stop()
        return Missing()

    assert long.until(look, (0.0,)) == Missing()
    assert len(looked) == 3
