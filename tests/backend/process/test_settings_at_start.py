"""Wrong settings, as the operator meets them."""

from pathlib import Path

import pytest

from tests.backend.process.backend_process import GUNICORN, flask_run, free_port, started

PORT = free_port()
COMMANDS = [
    pytest.param(GUNICORN, id="gunicorn"),
    pytest.param((*GUNICORN, "-k", "gevent", "--preload"), id="gunicorn-gevent-preload"),
    pytest.param(
        (*GUNICORN, "-c", "/dev/null", "-b", "127.0.0.1:0", "wsgi:app"),
        id="gunicorn-without-our-configuration",
    ),
    pytest.param(flask_run(PORT), id="flask-run"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_settings_end_the_start(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Exit code 4 and a line for each wrong variable, once; no traceback and nobody listening."""
    environment = {
        "MAX_BODY_BYTES": "lots",
        "TRACING_REQUIRED": "perhaps",
        "OTEL_EXPORTER_OTLP_HEADERS": "k=hush",
    }
    with started(command, tmp_path, environment) as backend:
        assert backend.exit_code() == 4, backend.output()
        settings = [line for line in backend.output().splitlines() if line.startswith("settings: ")]
        assert [line.split()[1].rstrip(":") for line in settings] == ["MAX_BODY_BYTES", "TRACING_REQUIRED"]
        assert "Traceback" not in backend.output()
        assert "hush" not in backend.output()


def test_gunicorns_settings_are_reported_with_the_others(tmp_path: Path) -> None:
    """Values for the process and for the application are refused together."""
    environment = {"GUNICORN_THREADS": "many", "LOG_LEVEL": "loud", "TRACING_REQUIRED": "perhaps"}
    with started(GUNICORN, tmp_path, environment) as backend:
        assert backend.exit_code() == 4
        names = [line.split()[1].rstrip(":") for line in backend.plain_lines()]
        assert names == ["GUNICORN_THREADS", "LOG_LEVEL", "TRACING_REQUIRED"]
