"""requests with a bound on the whole answer: its read timeout alone begins anew with every byte.

Imported where it is used, not before: gevent patches the standard library first.
"""

import http.client
import io
import socket
import time
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from services.tracing.sending.certificates import Certificates

ANSWER_MAX_BYTES = 64 * 1024


def bounded_session(certificates: Certificates | None = None) -> requests.Session:
    """Return a session for which a read timeout bounds the whole answer, headers and body.

    Its certificates go before those that REQUESTS_CA_BUNDLE names.
    """
    session = requests.Session()
    session.auth = _no_credentials
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter(certificates or Certificates()))
    return session


def body_of(response: requests.Response) -> bytes:
    """Return the beginning of an answer's body; what breaks off, or never ends, is what came of it."""
    body = b""
    try:
        for part in response.iter_content(ANSWER_MAX_BYTES):
            body += part
            if len(body) >= ANSWER_MAX_BYTES:
                break
    except requests.RequestException:
        return b""
    return body


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from taking credentials out of ~/.netrc."""
    return request


class _BoundedReader(io.RawIOBase):
    """What comes out of a socket until `until` (monotonic seconds); then reading times out."""

    def __init__(self, raw: io.RawIOBase, connected: socket.socket, until: float) -> None:
        self._raw = raw
        self._connected = connected
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connected.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedAnswer(http.client.HTTPResponse):
    def __init__(self, connected: socket.socket, *args: Any, until: float, **more: Any) -> None:
        super().__init__(connected, *args, **more)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), connected, until))


def _bound_answer(connection: HTTPConnection) -> None:
    """Let the connection's timeout, now that the request is sent, be the whole answer's."""
    seconds = connection.timeout
    if isinstance(seconds, int | float):
        until = time.monotonic() + seconds
        vars(connection)["response_class"] = partial(_BoundedAnswer, until=until)


class _BoundedConnection(HTTPConnection):
    def getresponse(self) -> Any:
        _bound_answer(self)
        return super().getresponse()


class _BoundedTlsConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _bound_answer(self)
        return super().getresponse()


class _BoundedPool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTlsConnection


class _BoundedAdapter(HTTPAdapter):
    def __init__(self, certificates: Certificates) -> None:
        super().__init__()
        self._certificates = certificates

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        told = self._certificates
        if told.client is not None:
            cert = told.client if told.client_key is None else (told.client, told.client_key)
        try:
            return super().send(
                request,
                stream=stream,
                timeout=timeout,
                verify=told.authority or verify,
                cert=cert,
                proxies=proxies,
            )
        except requests.RequestException:
            raise
        except OSError as error:
            # So requests tells of a file that is not there any more: it may come back.
            raise requests.exceptions.SSLError(error, request=request) from None

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(*args, **more)
        _bound(manager)
        return manager


def _bound(manager: Any) -> None:
    if type(manager) in (PoolManager, ProxyManager):  # a SOCKS proxy has connections of its own
        manager.pool_classes_by_scheme = {"http": _BoundedPool, "https": _BoundedTlsPool}
