"""A server that takes a request and answers it as badly as the test says."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answering = Callable[[socket.socket, threading.Event], None]


@contextmanager
def raw_server(answer: Answering, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, threading.Event]]:
    """Serve on a free port; yields the URL and the event at which `answer` has to give up."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, answer, over, tls))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/traces", over
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(
    listener: socket.socket, answer: Answering, over: threading.Event, tls: ssl.SSLContext | None
) -> None:
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with (
            suppress(OSError),
            connection if tls is None else tls.wrap_socket(connection, server_side=True) as peer,
        ):
            _read_request(peer)
            answer(peer, over)


def _read_request(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    (length,) = (
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65_536)


def dripping(head: bytes, drop: bytes) -> Answering:
    """Answer with `head`, then `drop` again and again, each long before any timeout between two."""

    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.02):
            connection.sendall(drop)

    return answer


def resetting(connection: socket.socket, _over: threading.Event) -> None:
    """Reset the connection instead of answering."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
