"""An AWS that can be told to refuse: moto's server in this process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_api._internal.models import moto_api_backend
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Cloud:
    """moto's server, which can be told to refuse single operations."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self._application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        if operation in self.refused:
            body = b'{"__type":"AccessDeniedException","message":"not now"}'
            start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")])
            return [body]
        answer: Iterable[bytes] = self._application(environ, start_response)
        return answer

    def __enter__(self) -> Cloud:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reset(self) -> None:
        """Forget every resource and refusal."""
        self.refused = set()
        moto_api_backend.reset()

    def client(self, service: str) -> Any:
        """Return a boto3 client for *service*."""
        session = boto3.Session("test", "test", region_name="us-east-1")
        make: Callable[..., Any] = session.client
        return make(service, endpoint_url=self.endpoint)
