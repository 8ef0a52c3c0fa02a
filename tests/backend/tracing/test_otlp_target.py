"""Whether spans go where the parameters say: what /health/tracing tells instead of an address."""

from typing import Any

import pytest

from services.tracing.sending.otlp_target import target_of
from services.tracing.settings import TracingSettings
from services.tracing.startup.parameters import API_KEY, ENDPOINT, Parameter

PARAMETERS = {
    API_KEY: Parameter("hcaik_" + 58 * "k", 1, "2026-11-18T00:00:00+00:00"),
    ENDPOINT: Parameter("https://api.honeycomb.example", 1, "2026-11-18T00:00:00+00:00"),
}
OTHER = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://other.example"}
SAME = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.example"}
KEY = {"OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=abc"}


@pytest.mark.parametrize(
    ("variables", "is_loaded"),
    [({}, True), (SAME, True), (KEY, True), (SAME | KEY, True), (OTHER, False), (OTHER | KEY, False)],
)
def test_the_endpoint_that_was_loaded(variables: dict[str, str], is_loaded: bool) -> None:
    """By its URL, whoever has named it, and whichever key goes there."""
    environment: Any = {"TRACING_PARAMETER_PATH": "/cruddur/dev/backend-flask", **variables}
    settings = TracingSettings.from_environment(environment)
    assert target_of(settings, PARAMETERS)[0].is_loaded_endpoint is is_loaded
    assert not target_of(settings, None)[0].is_loaded_endpoint
