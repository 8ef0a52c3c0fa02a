"""Every test starts from the same environment: nothing of the user's account, daemon or keys."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# speed belongs in the benchmarks: a test on a busy machine is no slower program
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_PREFIXES = ("AWS_", "OTEL_", "HONEYCOMB_", "TRACING_", "TF_", "TG_", "TERRAGRUNT_", "GUNICORN_")
_KEPT = {"AWS_CA_BUNDLE"}


def _clean() -> None:
    for name in list(os.environ):
        if name.startswith(_PREFIXES) and name not in _KEPT:
            del os.environ[name]
    # neither a profile on this machine nor an instance's metadata may lend a test its credentials
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.devnull
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


_clean()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what another test, or a fixture of the session, left in the environment."""
    for name in list(os.environ):
        if name.startswith(_PREFIXES) and name not in {
            *_KEPT,
            "AWS_EC2_METADATA_DISABLED",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
        }:
            monkeypatch.delenv(name)
