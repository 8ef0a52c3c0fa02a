"""Which pages of other origins may call the API."""

import pytest
from flask.testing import FlaskClient

from app import create_app
from services.tracing.settings import TracingSettings
from settings import Settings


def test_the_frontend_may_call(client: FlaskClient) -> None:
    """The configured origin is let in and may read the trace's header."""
    response = client.get("/api/activities/home", headers={"Origin": "http://localhost:3000"})
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "X-Amzn-Trace-Id" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost:3000"}, {"Origin": "http://evil.example"}]
)
def test_caches_keep_origins_apart(client: FlaskClient, headers: dict[str, str]) -> None:
    """Every answer of the API says that it depends on the origin, also those without an origin's header."""
    assert client.get("/api/activities/home", headers=headers).vary.to_header() == "Origin"


def test_the_frontend_sees_errors(client: FlaskClient) -> None:
    """Refusals carry the header too; without it a page could not read why."""
    response = client.post(
        "/api/activities",
        data=b"{",
        content_type="application/json",
        headers={"Origin": "http://localhost:3000"},
    )
    assert response.status_code == 400
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_a_preflight(client: FlaskClient) -> None:
    """A browser may send JSON and both forms of trace headers."""
    response = client.options(
        "/api/activities",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, traceparent, x-amzn-trace-id",
        },
    )
    assert response.status_code == 200
    allowed = {name.strip().lower() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed == {"content-type", "traceparent", "x-amzn-trace-id"}


@pytest.mark.parametrize(
    "origin",
    ["https://localhost:3000", "http://localhost:30001", "http://localhost", "http://evil.example", "null"],
)
def test_other_origins(client: FlaskClient, origin: str) -> None:
    """Any other origin, however alike, gets no such header."""
    response = client.get("/api/activities/home", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/health", "/health/tracing"])
def test_health_is_not_for_pages(client: FlaskClient, path: str) -> None:
    """Only the API is open to other origins."""
    response = client.get(path, headers={"Origin": "http://localhost:3000"})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_without_origins() -> None:
    """An application that is told of no origin lets none in."""
    closed = create_app(Settings(tracing=TracingSettings(sampler="always_off"))).test_client()
    response = closed.get("/api/activities/home", headers={"Origin": "http://localhost:3000"})
    assert "Access-Control-Allow-Origin" not in response.headers
