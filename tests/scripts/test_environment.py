"""What an environment puts into the variables of our calls and children."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scripts import environment
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

CALLER = {
    "HOME": "/home/u",
    "PATH": "/bin",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL_SSM": "https://ssm.example",
    "AWS_SECRET_ACCESS_KEY": "theirs",
    "AWS_REGION": "eu-west-1",
    "NO_PROXY": "intranet",
}
LOCAL = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test"}


def test_local_leaves_the_callers_aws_settings_out() -> None:
    """Neither a profile nor an endpoint of one service can lead a local command elsewhere."""
    variables = environment.local_variables(CALLER, LOCAL)
    assert variables["AWS_REGION"] == "us-east-1"
    assert variables["AWS_CONFIG_FILE"] == os.devnull
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_SSM", "AWS_SECRET_ACCESS_KEY"} & set(variables)
    assert variables["HOME"] == "/home/u"


def test_no_proxy_leads_to_the_local_cloud() -> None:
    """Loopback is added to what the caller excepts already."""
    variables = environment.local_variables(CALLER, LOCAL)
    assert variables["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert variables["no_proxy"] == "127.0.0.1,localhost"


def test_without_a_local_cloud_the_remedy_is_to_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says so."""
    monkeypatch.setenv("TRACED_BACKEND_LOCAL", str(tmp_path))
    with pytest.raises(OperatorError, match=r"not running.*run `make local-up`"):
        environment.load("local")


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that is wrong."""
    monkeypatch.setenv("TRACED_BACKEND_LOCAL", str(tmp_path))
    (tmp_path / "env").write_text("A=1\nwhat is this\n")
    with pytest.raises(OperatorError, match="line 2"):
        environment.load("local")
