"""Requests that no client library would send."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

SCOPE = "test/20260101/us-east-1/{}/aws4_request"


@dataclass(frozen=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """The error's code."""
        return self.headers.get("x-amzn-errortype")

    def document(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


def authorization(service: str) -> str:
    """Return the header of a signature for a service."""
    return f"AWS4-HMAC-SHA256 Credential={SCOPE.format(service)}, SignedHeaders=host, Signature=0"


def send(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    service: str | None = "xray",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send one request, signed in form only, or not at all."""
    signed = {"authorization": authorization(service)} if service else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {**signed, **(headers or {})})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()
