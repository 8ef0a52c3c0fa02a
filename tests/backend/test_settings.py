"""Settings from an environment."""

import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from errors import SettingsError
from server_settings import SHARED_MEMORY, ServerSettings
from services.tracing.settings import TracingSettings
from settings import DEFAULT_MAX_BODY_BYTES, Settings
from version import VERSION


def test_nothing_is_required() -> None:
    """An empty environment gives the defaults, and so do variables that are set to nothing."""
    expected = Settings(tracing=TracingSettings(resource_attributes={"service.version": VERSION}))
    assert Settings.from_environment({}) == expected
    assert (
        Settings.from_environment({"FRONTEND_URL": "", "MAX_BODY_BYTES": " ", "DEMO_ROUTES": ""}) == expected
    )
    assert expected.max_body_bytes == DEFAULT_MAX_BODY_BYTES
    assert not expected.demo_routes


def test_values_are_read() -> None:
    """Each variable arrives in its field, in its type."""
    settings = Settings.from_environment(
        {
            "FRONTEND_URL": "https://app.example.com/",
            "BACKEND_URL": "http://localhost:4567",
            "MAX_BODY_BYTES": "2048",
            "LOG_LEVEL": "debug",
            "DEMO_ROUTES": "TRUE",
            "OTEL_SERVICE_NAME": "backend-flask",
        }
    )
    assert settings.allowed_origins == ("https://app.example.com", "http://localhost:4567")
    assert settings.max_body_bytes == 2048
    assert settings.log_level == "DEBUG"
    assert settings.demo_routes
    assert settings.tracing.service_name == "backend-flask"


def test_every_problem_is_reported_at_once() -> None:
    """The error has a line for each wrong variable, those of tracing included, and names what is expected."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(
            {
                "FRONTEND_URL": "*",
                "BACKEND_URL": "localhost:4567",
                "MAX_BODY_BYTES": "1 MiB",
                "LOG_LEVEL": "loud",
                "DEMO_ROUTES": "maybe",
                "TRACING_REQUIRED": "perhaps",
            }
        )
    names = ["FRONTEND_URL", "BACKEND_URL", "MAX_BODY_BYTES", "LOG_LEVEL", "DEMO_ROUTES", "TRACING_REQUIRED"]
    lines = str(caught.value).splitlines()
    assert len(lines) == len(names) == len(caught.value.problems)
    for name, line in zip(names, lines, strict=True):
        assert line.startswith(f"settings: {name}")
    assert "expected a whole number from 1024" in str(caught.value)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "ftp://a.example",
        "https://a.example/path",
        "https://u:p@a.example",
        "https://.*",
        "https://a b",
    ],
)
def test_origins_are_literal(origin: str) -> None:
    """A wildcard, a path, credentials or a pattern is no origin."""
    with pytest.raises(SettingsError, match="FRONTEND_URL"):
        Settings.from_environment({"FRONTEND_URL": origin})


def test_secrets_are_not_shown() -> None:
    """Headers may hold a key: neither the object nor an error shows them."""
    environment = {"OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=hush-hush", "LOG_LEVEL": "INFO"}
    assert "hush-hush" not in repr(Settings.from_environment(environment))
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({**environment, "LOG_LEVEL": "loud"})
    assert "hush-hush" not in str(caught.value)


def test_settings_do_not_change() -> None:
    """The object is frozen."""
    with pytest.raises(FrozenInstanceError):
        Settings().demo_routes = True  # type: ignore[misc]


def test_the_server_listens_on_loopback_by_default() -> None:
    """Without settings the backend is on port 4567 of this machine alone, with threads."""
    settings = ServerSettings.from_environment({})
    assert settings.bind == "127.0.0.1:4567"
    assert settings.worker_class == "gthread"


def test_the_servers_values_are_read() -> None:
    """Each variable of the process arrives in its field."""
    settings = ServerSettings.from_environment(
        {
            "BIND": "0.0.0.0",  # noqa: S104
            "PORT": "80",
            "GUNICORN_WORKERS": "3",
            "GUNICORN_THREADS": "4",
            "GUNICORN_WORKER_CLASS": "gevent",
            "GUNICORN_GRACEFUL_TIMEOUT": "7",
            "GUNICORN_KEEP_ALIVE": "305",
            "GUNICORN_WORKER_TMP_DIR": "/",
            "LOG_LEVEL": "warning",
        }
    )
    assert settings == ServerSettings(
        bind="0.0.0.0:80",
        workers=3,
        threads=4,
        worker_class="gevent",
        graceful_timeout_seconds=7,
        keep_alive_seconds=305,
        worker_tmp_dir="/",
        log_level="WARNING",
    )


@pytest.mark.parametrize("name", ["nowhere", "a-file", "unwritable"])
def test_worker_files_need_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A folder for them that isn't there, is no folder or can't be written is refused at the start."""
    (tmp_path / "a-file").touch()
    (tmp_path / "unwritable").mkdir()
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: not str(path).endswith("unwritable") and allowed(path, mode)
    )
    assert ServerSettings.from_environment({"GUNICORN_WORKER_TMP_DIR": str(tmp_path)}).worker_tmp_dir
    with pytest.raises(SettingsError, match=r"^settings: GUNICORN_WORKER_TMP_DIR is .*, expected a folder"):
        ServerSettings.from_environment({"GUNICORN_WORKER_TMP_DIR": str(tmp_path / name)})


def test_worker_files_are_in_memory_where_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where shared memory isn't to be had, gunicorn looks for a folder itself."""
    monkeypatch.setattr(os, "access", lambda path, _mode: path == SHARED_MEMORY)
    monkeypatch.setattr(os.path, "isdir", lambda _path: True)
    assert ServerSettings.from_environment({}).worker_tmp_dir == SHARED_MEMORY
    monkeypatch.setattr(os.path, "isdir", lambda _path: False)
    assert ServerSettings.from_environment({}).worker_tmp_dir is None


def test_a_worker_without_threads_has_one() -> None:
    """With more gunicorn would make a threaded worker of it, so that more are refused."""
    sync = {"GUNICORN_WORKER_CLASS": "sync"}
    assert ServerSettings.from_environment(sync).threads == 1
    assert ServerSettings.from_environment({**sync, "GUNICORN_THREADS": "1"}).threads == 1
    with pytest.raises(
        SettingsError, match=r"^settings: GUNICORN_THREADS is 2, but GUNICORN_WORKER_CLASS=sync"
    ):
        ServerSettings.from_environment({**sync, "GUNICORN_THREADS": "2"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "٤٥٦٧"),
        ("PORT", "4567 "),
        ("BIND", "not a host"),
        ("BIND", "host:80"),
        ("GUNICORN_WORKERS", "-1"),
        ("GUNICORN_THREADS", "8.0"),
        ("GUNICORN_WORKER_CLASS", "tornado"),
        ("GUNICORN_KEEP_ALIVE", "0"),
        ("GUNICORN_KEEP_ALIVE", "4061"),
        ("GUNICORN_WORKER_TMP_DIR", "relative/nowhere"),
        ("GUNICORN_WORKER_TMP_DIR", "/\0"),
    ],
)
def test_wrong_values_of_the_server(name: str, value: str) -> None:
    """A value of another form or out of range is refused by its name; blanks around it don't count."""
    if value.strip() == "4567":
        assert ServerSettings.from_environment({name: value}).bind.endswith(":4567")
        return
    with pytest.raises(SettingsError, match=f"^settings: {name} is "):
        ServerSettings.from_environment({name: value})


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "FRONTEND_URL",
                "MAX_BODY_BYTES",
                "LOG_LEVEL",
                "DEMO_ROUTES",
                "PORT",
                "BIND",
                "GUNICORN_THREADS",
                "GUNICORN_WORKER_TMP_DIR",
            ]
        ),
        st.text(),
    )
)
def test_any_environment_gives_settings_or_one_error(environment: dict[str, str]) -> None:
    """Whatever the variables hold, the only exception is the one that lists the problems, a line each."""
    for kind in (Settings, ServerSettings):
        assert all(problem.isprintable() for problem in _problems(kind, environment))


def _problems(kind: type[Settings] | type[ServerSettings], environment: dict[str, str]) -> tuple[str, ...]:
    try:
        kind.from_environment(environment)
    except SettingsError as error:
        return error.problems
    return ()
