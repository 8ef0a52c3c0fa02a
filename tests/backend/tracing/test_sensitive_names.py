"""Which headers and attributes may hold a secret."""

import pytest

from services.tracing.privacy.sensitive_names import SensitiveNames
from services.tracing.privacy.verdict import Verdict

HIDDEN = [
    *("authorization", "proxy-authorization", "x-forwarded-authorization", "x-amzn-oidc-data"),
    *("x-amzn-oidc-accesstoken", "api-key", "apikey", "x-auth-key", "x-goog-api-key", "x-session-id"),
    *("x_api_key", "cookie", "cookie2", "ocp-apim-subscription-key", "x-auth", "cf-access-jwt-assertion"),
]
WITH_URL = ["referer", "location", "x-original-url", "x-forwarded-uri", "x-envoy-original-path"]
WITH_TEXT = ["link", "refresh"]
CLEAN = ["accept", "origin", "sec-websocket-key", "idempotency-key", "www-authenticate", "x-amzn-trace-id"]


@pytest.mark.parametrize(
    "carrier", ["http.request.header.", "http.response.header.", "a.http.request.headers."]
)
def test_headers_are_known_by_their_names(carrier: str) -> None:
    """Hidden, or looked into where they hold a URL."""
    names = SensitiveNames()
    expected = {Verdict.HIDE: HIDDEN, Verdict.URL: WITH_URL, Verdict.TEXT: WITH_TEXT, Verdict.CLEAN: CLEAN}
    for verdict, headers in expected.items():
        assert {header: names(carrier + header) for header in headers} == dict.fromkeys(headers, verdict)


@pytest.mark.parametrize(
    "name",
    [
        "rpc.grpc.request.metadata.authorization",
        "rpc.response.metadata.api_key",
        "url.fragment",
        "URL.Password",
    ],
)
def test_other_carriers_are_known(name: str) -> None:
    """gRPC's metadata, and the parts of a URL."""
    assert SensitiveNames()(name) is Verdict.HIDE


@pytest.mark.parametrize("header", ["link", "refresh"])
def test_a_name_outside_of_a_header_is_none(header: str) -> None:
    """An attribute of an application's own is judged as a header only within a value."""
    names = SensitiveNames()
    assert (names(header), names("authorization")) == (Verdict.CLEAN, Verdict.CLEAN)
    assert names.inside("request", header) is Verdict.TEXT
