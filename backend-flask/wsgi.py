"""The process's way in, for gunicorn (`wsgi:app`) and for `flask run`; alone reads the environment."""

import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from flask import Flask

from app import create_app, log_shipping_of, tracing_of
from errors import START_FAILED_EXIT_CODE, SettingsError
from services.logging import configure_logging
from services.tracing.errors import TracingRequiredError
from settings import Settings


def _load() -> Flask:
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        _stop(error)
    configure_logging(settings.log_level)
    application = create_app(settings)
    if not os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/"):
        _start_here(application)
    return application


def _start_here(application: Flask) -> None:
    """Start tracing in this process, where it flushes at exit. gunicorn.conf.py does so for each worker."""
    log_shipping_of(application).start()
    try:
        tracing_of(application).start()
    except TracingRequiredError as error:
        _stop(error)
    if (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGTERM, _exit)


def _exit(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End by the usual way: by default SIGTERM would skip what is registered for the exit."""
    sys.exit(0)


def _stop(error: Exception) -> NoReturn:
    print(error, file=sys.stderr, flush=True)  # noqa: T201
    sys.exit(START_FAILED_EXIT_CODE)


app = _load()
