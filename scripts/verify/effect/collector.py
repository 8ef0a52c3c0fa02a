"""An OpenTelemetry collector: its OTLP port takes spans.

An empty ExportTraceServiceRequest is no bytes of protobuf, and leaves nothing behind (opentelemetry-proto,
collector/trace/v1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from scripts.verify.check import Result, failed, passed
from scripts.verify.effect.posting import post

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECK_ID = "collector"
MODE, COLLECTOR = "TRACING_MODE", "collector"
TRACES, BASE = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
DEFAULT = "http://localhost:4318"
_PROTOBUF = {"Content-Type": "application/x-protobuf"}


def url_of(variables: Mapping[str, str]) -> str | None:
    """Return where the backend sends spans in collector mode; None where *variables* don't name that mode.

    OpenTelemetry protocol exporter: a traces endpoint is used as it is, a base gets ``/v1/traces``.
    """
    if variables.get(MODE, "").lower() != COLLECTOR:
        return None
    base = variables.get(BASE) or DEFAULT
    return variables.get(TRACES) or f"{base.rstrip('/')}/v1/traces"


def expectation(url: str) -> str:
    """Return in words what is asked for; a user and password in *url* are left out."""
    parts = urlsplit(url)
    return f"takes spans at {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def collector_result(url: str) -> Result:
    """Return whether the collector at *url* takes a request without spans."""
    expected = expectation(url)
    try:
        status = post(url, b"", _PROTOBUF).status
    except (requests.RequestException, ValueError) as error:
        return failed(
            CHECK_ID,
            expected,
            f"does not answer ({type(error).__name__})",
            f"start the collector, or correct {TRACES} or {BASE}",
        )
    if status == requests.codes.ok:
        return passed(CHECK_ID, expected, "answers, and takes spans")
    remedy = "see its log and the receiver otlp in its configuration"
    if status in {requests.codes.unauthorized, requests.codes.forbidden}:
        remedy = f"{BASE} names what wants a key; in mode collector that is the collector's to have"
    return failed(CHECK_ID, expected, f"HTTP {status}", remedy)
