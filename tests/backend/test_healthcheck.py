"""The container's health check, against servers of every kind."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import healthcheck


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server on loopback whose every answer has `status`; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/health"
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A socket that sends `answer` to the first who connects, or with None nothing at all; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(answer or b"")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1024):
                    pass

        thread = threading.Thread(target=serve)
        if answer is not None:
            thread.start()
        yield server.getsockname()[1]
        if answer is not None:
            thread.join()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "localhost"])  # noqa: S104
def test_a_backend_that_answers_is_healthy(address: str) -> None:
    """Wherever it was told to listen; every address is asked for on loopback."""
    with answering(200) as port:
        assert healthcheck.problem(f"{address}:{port}") is None


@pytest.mark.parametrize("status", [204, 404, 500, 503])
def test_another_answer_is_not(status: int) -> None:
    """Only 200 is an answer of /health."""
    with answering(status) as port:
        assert healthcheck.problem(f"127.0.0.1:{port}") == f"/health on 127.0.0.1:{port} answers {status}"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 ", b"\r\n\r\n"])
def test_what_is_no_answer_is_not(answer: bytes) -> None:
    """A connection that is closed, or another protocol, is told as such: in one line, with a reason."""
    with listening(answer) as port:
        told = str(healthcheck.problem(f"127.0.0.1:{port}"))
    assert re.fullmatch(rf"/health on 127\.0\.0\.1:{port} does not answer \(\S(.*\S)?\)", told)


def test_silence_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that takes connections and does nothing is given up on."""
    monkeypatch.setattr(healthcheck, "TIMEOUT_SECONDS", 0.05)
    with listening(None) as port:
        assert "does not answer (timed out)" in str(healthcheck.problem(f"127.0.0.1:{port}"))


def test_nobody_listening_is_not() -> None:
    """A refused connection is told as such."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "does not answer (" in str(healthcheck.problem(f"127.0.0.1:{port}"))


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It asks where PORT says, answers 0 or 1, and says why in one line."""
    with answering(200) as port:
        monkeypatch.setenv("PORT", str(port))
        monkeypatch.setenv("BIND", "0.0.0.0")  # noqa: S104
        assert healthcheck.main() == 0
    assert healthcheck.main() == 1
    monkeypatch.setenv("PORT", "none")
    assert healthcheck.main() == 1
    written = capsys.readouterr()
    assert written.out == ""
    first, second = written.err.splitlines()
    assert first.startswith(f"healthcheck: /health on 0.0.0.0:{port} does not answer (")
    assert second.startswith("healthcheck: settings: PORT is 'none', expected a whole number")
