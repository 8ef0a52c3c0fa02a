"""``startup.resources``: what reading the resources adds to the backend's start.

Ours: the backend with all its resources over the same backend without any. Baseline: ``import boto3`` and
one SSM call over a bare interpreter.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from bench import commands, local_cloud
from bench.figures import Figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("startup.resources",)
ROUNDS = 9
_BACKEND = """
import os, sys
from app import create_app
from settings import Settings
app = create_app(Settings.from_environment(os.environ))
tracing = app.extensions["tracing"]
tracing.start()
status = tracing.status()
loaded = bool(status["parameters"]) and status["group"] is not None
if loaded != ("TRACING_PARAMETER_PATH" in os.environ):
    sys.exit(f"loaded: {loaded}, {status['problems']}")
os._exit(0)
"""
_BOTO3 = """
import os, boto3
boto3.client("ssm", region_name=os.environ["AWS_REGION"]).get_parameters_by_path(
    Path="/cruddur/local/backend-flask", Recursive=True, WithDecryption=True)
os._exit(0)
"""


def measure() -> Iterator[Figure]:
    """Yield the figure, in seconds added to the start."""
    with local_cloud.applied() as addresses:
        loaded = {
            **addresses,
            "TRACING_PARAMETER_PATH": "/cruddur/local/backend-flask",
            "TRACING_REQUIRED": "true",
        }
        medians = interleaved(
            {
                "without": partial(_start, _BACKEND, addresses),
                "loaded": partial(_start, _BACKEND, loaded),
                "bare": partial(_start, "import os; os._exit(0)", addresses),
                "boto3": partial(_start, _BOTO3, addresses),
            },
            ROUNDS,
        )
    added = medians["loaded"] - medians["without"]
    yield Figure.of("startup.resources", added, "s", medians["boto3"] - medians["bare"])


def _start(source: str, environment: dict[str, str]) -> float:
    backend = commands.ROOT / "backend-flask"
    path = f"{backend}:{commands.ROOT}"
    return commands.wall_seconds(
        [sys.executable, "-c", source], folder=backend, environment={**environment, "PYTHONPATH": path}
    )
