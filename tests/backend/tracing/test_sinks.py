"""Which sinks there are, and in which order."""

from services.tracing.sending.otlp_target import Target
from services.tracing.sending.sinks import CONSOLE, HONEYCOMB, XRAY, make_sinks
from services.tracing.settings import TracingSettings


def test_otlp_comes_before_the_daemon_and_the_console() -> None:
    """It only takes spans into its queue: neither of the others can keep them from it."""
    settings = TracingSettings.from_environment(
        {"TRACING_PARAMETER_PATH": "/cruddur/dev/backend-flask", "OTEL_TRACES_EXPORTER": "otlp,console"}
    )
    assert list(make_sinks(settings, Target("http://127.0.0.1:1/v1/traces"))) == [HONEYCOMB, XRAY, CONSOLE]
