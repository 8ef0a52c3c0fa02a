"""Idle connections of gunicorn's gevent worker, which a stopping worker would wait for until it is killed.

gunicorn's threaded worker closes them by itself. This module may be imported only after gevent's patch.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gevent import monkey

LINGER_SECONDS = 2.0
"""A request that a load balancer has already sent is still answered, with `Connection: close`."""
POLL_SECONDS = 0.25


def close_idle_at_stop(worker: Any) -> None:
    """Let `worker`, which has yet to serve, close the connections without a request when it stops."""
    connections: dict[Any, socket.socket] = {}
    idle: set[Any] = set()
    worker.handle = _tracked(worker.handle, connections)
    worker.timeout_ctx = _marking(worker.timeout_ctx, idle)
    gevent.spawn(_close_at_stop, worker, connections, idle)


def _tracked(
    handle: Callable[[Any, socket.socket, Any], None], connections: dict[Any, socket.socket]
) -> Callable[[Any, socket.socket, Any], None]:
    def tracked(listener: Any, client: socket.socket, address: Any) -> None:
        current = gevent.getcurrent()
        connections[current] = client
        try:
            handle(listener, client, address)
        finally:
            del connections[current]

    return tracked


def _marking(timeout: Callable[[], Any], idle: set[Any]) -> Callable[[], Any]:
    """Return `timeout`, which surrounds the wait for a request, with the waiting greenlet noted."""

    @contextmanager
    def marking() -> Iterator[None]:
        current = gevent.getcurrent()
        idle.add(current)
        try:
            with timeout():
                yield
        finally:
            idle.discard(current)

    return marking


def _close_at_stop(worker: Any, connections: dict[Any, socket.socket], idle: set[Any]) -> None:
    while worker.alive:
        gevent.sleep(POLL_SECONDS)
    gevent.sleep(LINGER_SECONDS)
    while True:
        for greenlet in tuple(idle):
            with suppress(KeyError, OSError):
                _end_reading(connections[greenlet])
        gevent.sleep(POLL_SECONDS)


def _end_reading(client: socket.socket) -> None:
    """Let the worker read an end of the connection, as if the client had closed it.

    gevent's own shutdown would raise an error in the greenlet that reads; the plain one wakes it.
    """
    plain_socket = monkey.get_original("socket", "socket")
    with plain_socket(fileno=os.dup(client.fileno())) as plain:
        plain.shutdown(socket.SHUT_RD)
