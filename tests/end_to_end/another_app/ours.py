"""The one call, which a variable leaves out to see what is there without it."""

import os

from flask import Flask

from services.tracing import TracingSettings, init_tracing


def add_tracing(app: Flask) -> None:
    """Give the application our tracing."""
    if "WITHOUT_OURS" not in os.environ:
        init_tracing(app, TracingSettings.from_environment(os.environ))
