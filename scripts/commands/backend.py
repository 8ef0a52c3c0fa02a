"""``backend``: the traced backend under gunicorn, against an environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from scripts import backend_settings, paths, session
from scripts.arguments import add_environment, port
from scripts.errors import OperatorError
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Run the traced backend under gunicorn against an environment."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment and the port."""
    add_environment(parser)
    parser.add_argument("--port", type=port, default=4567, help="default: 4567")


def run(arguments: Namespace) -> int:
    """Become gunicorn: signals and exit codes are its own from here on."""
    output = Output()
    gunicorn = paths.ROOT / ".venv" / "bin" / "gunicorn"
    if not gunicorn.exists():
        raise OperatorError(f"{paths.shown(gunicorn)} is missing", remedy="run `make tools`")
    opened = session.begin(arguments.env, "", output)
    variables = backend_settings.variables(opened, arguments.port or 4567)
    output.summary(
        f"backend {arguments.env}: http://127.0.0.1:{variables['PORT']}, "
        f"parameters from {variables['TRACING_PARAMETER_PATH']}"
    )
    sys.stdout.flush()
    os.chdir(paths.BACKEND)
    os.execve(gunicorn, [str(gunicorn), "wsgi:app"], variables)  # noqa: S606 - no shell is wanted
