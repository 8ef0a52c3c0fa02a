"""The daemon and the collector that the environment's variables name."""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from scripts.verify.check import Status
from scripts.verify.effect import daemon_address, posting
from tests.scripts.verify.daemons import daemon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.environment import Environment
    from tests.scripts.verify.made import Made

DAEMON, COLLECTOR = "daemon", "collector"
ADDRESS = "AWS_XRAY_DAEMON_ADDRESS"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def _answering(status: int, body: bytes = b"{}") -> Iterator[str]:
    """Run a server that answers every POST so; yield its host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_neither_named_is_neither_looked_at(made: Made) -> None:
    """No variable, no check: what is nobody's to have is no failure."""
    results = made.verify()
    assert not {DAEMON, COLLECTOR} & set(results)


def test_the_local_clouds_daemon_passes(made: Made, opened: Environment) -> None:
    """It answers, signs, and X-Ray takes it; in both forms of the address."""
    address = opened.variables[ADDRESS]
    for text in (address, f"tcp:{address} udp:{address}", f"UDP:{address} TCP:{address}"):
        made.variables[ADDRESS] = text
        results = made.verify()
        assert {one.status for one in results.values()} == {Status.PASS}
        assert results[DAEMON].actual == f"tcp {address} has 3 rules from there"
        assert results[DAEMON].expected.endswith("X-Ray of 123456789012 in us-east-1 takes what it signs")


def test_no_daemon_there(made: Made) -> None:
    """Nothing listens: with the address, and what to do."""
    made.variables[ADDRESS] = f"127.0.0.1:{_free_port()}"
    wrong = made.wrong()
    assert set(wrong) == {DAEMON}
    assert wrong[DAEMON].actual == f"tcp {made.variables[ADDRESS]} does not answer (ConnectionError)"
    assert ADDRESS in wrong[DAEMON].remedy


def test_a_daemon_whose_credentials_nobody_knows(made: Made, opened: Environment) -> None:
    """X-Ray's refusal is told, with what the daemon's role needs."""
    with authorised(opened), daemon(opened, access_key="AKIA" + 16 * "Q") as address:
        made.variables[ADDRESS] = address
        wrong = made.wrong()
    assert set(wrong) == {DAEMON}
    assert "X-Ray refuses what it signs (HTTP 403" in wrong[DAEMON].actual
    assert "xray:PutTraceSegments" in wrong[DAEMON].remedy


def test_a_daemon_of_another_region(made: Made, opened: Environment) -> None:
    """Everything works, and every trace is somewhere else."""
    with daemon(opened, region="eu-west-1") as address:
        made.variables[ADDRESS] = address
        wrong = made.wrong()
    assert set(wrong) == {DAEMON}
    assert wrong[DAEMON].actual.endswith("signs for X-Ray of 123456789012 in eu-west-1")
    assert "region us-east-1" in wrong[DAEMON].remedy


def test_a_daemon_without_a_way_to_xray(made: Made, opened: Environment) -> None:
    """It answers for itself with 502."""
    with daemon(opened, endpoint=f"http://127.0.0.1:{_free_port()}") as address:
        made.variables[ADDRESS] = address
        wrong = made.wrong()
    assert set(wrong) == {DAEMON}
    assert "gets no answer from X-Ray (HTTP 502" in wrong[DAEMON].actual


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, b"<html>Sign in</html>", "is no X-Ray daemon (HTTP 200)"),
        (200, b"[]", "is no X-Ray daemon (HTTP 200)"),
        (302, b"", "is no X-Ray daemon (HTTP 302)"),
        (404, b"{}", "is no X-Ray daemon (HTTP 404)"),
        (429, b'{"message": "Rate exceeded"}', "throttles (HTTP 429: Rate exceeded)"),
        (403, b'{"message": "The security token is invalid"}', "(HTTP 403: The security token is invalid)"),
        (200, b'{"SamplingRuleRecords": []}', "signs for X-Ray of nobody"),
        (200, b'{"SamplingRuleRecords": [{}]}', "is no X-Ray daemon: its rules have no ARNs"),
        (200, b'{"SamplingRuleRecords": [7]}', "is no X-Ray daemon: its rules have no ARNs"),
        (200, b"[" * 200_000, "is no X-Ray daemon (HTTP 200)"),
        (200, b" " * (posting.BOUNDS.max_bytes + 1), "is no X-Ray daemon (more than 1048576 bytes)"),
    ],
)
def test_something_else_answers(made: Made, status: int, body: bytes, told: str) -> None:
    """A web server, a redirect, an answer of X-Ray's that is none: never a pass, never a traceback."""
    with _answering(status, body) as address:
        made.variables[ADDRESS] = address
        wrong = made.wrong()
    assert set(wrong) == {DAEMON}
    assert told in wrong[DAEMON].actual
    assert wrong[DAEMON].remedy
    assert "AWS_ENDPOINT_URL" not in wrong[DAEMON].remedy


@pytest.mark.parametrize(
    "text",
    ["localhost", "127.0.0.1:0", "127.0.0.1:65536", "tcp:127.0.0.1:2000", "a b", "::1:2000", "tcp:a:1 udp:b"],
)
def test_an_address_of_another_form(made: Made, text: str) -> None:
    """The variable is named, and how it is written."""
    with pytest.raises(ValueError, match=r"form|host and port"):
        daemon_address.tcp(text)
    made.variables[ADDRESS] = text
    wrong = made.wrong()
    assert set(wrong) == {DAEMON}
    assert ADDRESS in wrong[DAEMON].actual
    assert "host:port" in wrong[DAEMON].remedy


def test_addresses_with_names_and_of_version_six() -> None:
    """As the X-Ray SDKs read them."""
    assert daemon_address.tcp("xray-daemon:2000") == ("xray-daemon", 2000)
    assert daemon_address.tcp("[::1]:2000") == ("::1", 2000)
    assert daemon_address.tcp("udp:a:1 tcp:b:2") == ("b", 2)


def test_a_proxy_of_the_machines_is_not_asked(
    made: Made, opened: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon's address is asked directly, as the SDKs do."""
    made.variables[ADDRESS] = opened.variables[ADDRESS].replace("127.0.0.1", "localhost")
    monkeypatch.setitem(os.environ, "http_proxy", f"http://127.0.0.1:{_free_port()}")
    monkeypatch.setitem(os.environ, "no_proxy", "127.0.0.1")
    assert made.verify()[DAEMON].status is Status.PASS


def test_a_collector_takes_spans(made: Made) -> None:
    """Only in collector mode; at a whole URL, or at a base."""
    with _answering(200, b"") as address:
        made.variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{address}"
        assert COLLECTOR not in made.verify()
        made.variables["TRACING_MODE"] = "collector"
        assert made.verify()[COLLECTOR].expected == f"takes spans at http://{address}/v1/traces"
        made.variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = f"http://{address}/spans"
        assert made.verify()[COLLECTOR].expected == f"takes spans at http://{address}/spans"
        assert made.wrong() == {}


@pytest.mark.parametrize(("status", "remedy"), [(404, "receiver otlp"), (401, "wants a key")])
def test_a_collector_that_takes_nothing(made: Made, status: int, remedy: str) -> None:
    """Its status, and where to look."""
    with _answering(status) as address:
        made.variables |= {"TRACING_MODE": "collector", "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}/"}
        wrong = made.wrong()
    assert set(wrong) == {COLLECTOR}
    assert (wrong[COLLECTOR].actual, remedy in wrong[COLLECTOR].remedy) == (f"HTTP {status}", True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}", "no url", "http://user:" + "word@127.0.0.1:{port}"]
)
def test_no_collector_there(made: Made, url: str) -> None:
    """Nothing listens, or the address is none; what stands before an @ is shown to nobody."""
    made.variables |= {
        "TRACING_MODE": "collector",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url.format(port=_free_port()),
    }
    wrong = made.wrong()
    assert set(wrong) == {COLLECTOR}
    assert wrong[COLLECTOR].actual.startswith("does not answer (")
    assert "word" not in repr(wrong)


@contextmanager
def authorised(opened: Environment) -> Iterator[None]:
    """Have the local cloud authorise every call."""
    import requests

    url = f"{opened.variables['AWS_ENDPOINT_URL']}/_localcloud/authorisation"
    document: dict[str, Any] = json.loads(requests.get(url, timeout=5).text)
    requests.put(url, json={"enabled": True}, timeout=5).raise_for_status()
    try:
        yield
    finally:
        requests.put(url, json=document, timeout=5).raise_for_status()
