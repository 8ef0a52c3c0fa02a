"""The environment that is rendered: without credentials, and local without its cloud."""

from __future__ import annotations

import os

from scripts import environment, paths
from scripts.environment import Environment

# Where nothing listens: rendering asks nobody, and wants the variables to be there.
STAND_INS = {
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "HONEYCOMB_API_ENDPOINT": "http://127.0.0.1:9",
}


def load(name: str) -> Environment:
    """Return environment *name*, activated; the local one with stand-ins where its cloud wasn't started.

    Raises OperatorError where ``.local/env`` is there and can't be read.
    """
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    if name != "local" or (paths.local_folder() / "env").exists():
        return environment.load(name)
    opened = Environment(name, environment.local_variables(os.environ, STAND_INS))
    opened.activate()
    return opened
