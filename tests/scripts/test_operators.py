"""The small parts: durations, ports, approval, the run's lock, the committed number, the words for errors."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound
from botocore.parsers import ResponseParserError

from scripts import approval, rotation, run_lock
from scripts.arguments import duration, port
from scripts.errors import OperatorError, explain
from scripts.traces.reading import normal_trace_id
from tools.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86400), (" 5 m", 300)]
)
def test_durations(text: str, seconds: int) -> None:
    """As people write them."""
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0m", "-1m", "m", "1w", "1.5h", "ten"])
def test_other_durations_are_refused(text: str) -> None:
    """With how to write one."""
    with pytest.raises(ArgumentTypeError, match="10m"):
        duration(text)


def test_ports() -> None:
    """Nothing and 0 are any free one; beyond the range is refused."""
    assert [port(text) for text in ("", "0", "4567", "65535")] == [0, 0, 4567, 65535]
    for text in ("65536", "-1", "x", "1.5"):
        with pytest.raises(ArgumentTypeError):
            port(text)


def test_approval_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local needs none; dev and prod need their own name by APPROVE, and are not asked for then."""
    monkeypatch.setattr("sys.stdin", io.StringIO("no"))
    for environment, given in (("local", ""), ("dev", "dev")):
        approval.refuse(environment, "apply", given)
        approval.ask(environment, "apply", given)
    for given in ("", "prod", "Dev", "yes"):
        with pytest.raises(OperatorError, match="APPROVE=dev"):
            approval.refuse("dev", "apply", given)


def test_approval_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for there; a wrong APPROVE is refused there too."""
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    approval.refuse("dev", "apply", "")
    with pytest.raises(OperatorError, match="APPROVE=dev"):
        approval.refuse("dev", "apply", "prod")
    monkeypatch.setattr("sys.stdin", io.StringIO("dev\nprod\n"))
    approval.ask("dev", "apply", "")
    with pytest.raises(OperatorError, match="not approved"):
        approval.ask("dev", "apply", "")


def test_a_second_run_in_one_checkout_names_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who, which command, which process, since when; once the first has ended the way is free."""
    monkeypatch.setenv("TRACED_BACKEND_LOCAL", str(tmp_path))
    second = "from scripts import run_lock\nwith run_lock.held('dev', 'plan'): print('held')"
    with run_lock.held("dev", "apply"):
        refused = subprocess.run([sys.executable, "-c", second], capture_output=True, text=True, check=False)
        other = subprocess.run(
            [sys.executable, "-c", second.replace("dev", "prod")], capture_output=True, text=True, check=False
        )
    free = subprocess.run([sys.executable, "-c", second], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert re.search(r"held by \S+@\S+ \(apply, process \d+\) since 2\d{3}-", refused.stderr)
    assert (other.stdout, free.stdout) == ("held\n", "held\n")


HCL = """\
inputs = {
  parameter_path = local.root.parameter_path
  key_version    = 41 # raised by `make rotate-honeycomb-key`
}
"""


def test_raising_the_committed_number_changes_nothing_else(tmp_path: Path) -> None:
    """Comment and layout stay."""
    file = tmp_path / "terragrunt.hcl"
    file.write_text(HCL)
    assert rotation.raise_number(file) == 42
    assert file.read_text() == HCL.replace("41", "42")
    assert [path.name for path in tmp_path.iterdir()] == ["terragrunt.hcl"]


@pytest.mark.parametrize("text", ["", "inputs = {}\n", HCL + HCL, HCL.replace("41", "local.number")])
def test_a_number_that_can_t_be_found_is_refused(text: str, tmp_path: Path) -> None:
    """None, two, or an expression: nothing is guessed."""
    file = tmp_path / "terragrunt.hcl"
    file.write_text(text)
    with pytest.raises(OperatorError, match="exactly one"):
        rotation.raise_number(file)
    assert file.read_text() == text


def test_trace_ids_in_both_forms() -> None:
    """X-Ray's and OpenTelemetry's name the same trace."""
    xray = "1-581cf771-a006649127e371903a2de979"
    assert normal_trace_id(xray) == xray
    assert normal_trace_id(f" {xray.upper()} ") == xray
    assert normal_trace_id("581cf771a006649127e371903a2de979") == xray
    for text in ("", "1-2-3", "581cf771", "g" * 32):
        with pytest.raises(OperatorError, match="no trace id"):
            normal_trace_id(text)


def _answer(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "why"}}, "GetGroup")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (ProfileNotFound(profile="x"), "no AWS credentials"),
        (
            EndpointConnectionError(endpoint_url="https://xray.nowhere"),
            "https://xray.nowhere can't be reached",
        ),
        (_answer("ExpiredTokenException"), "expired"),
        (_answer("ExpiredToken"), "expired"),
        (_answer("UnrecognizedClientException"), "does not know these credentials"),
        (_answer("AccessDeniedException"), "denies GetGroup (AccessDeniedException: why)"),
        (_answer("SomethingNew"), "GetGroup with SomethingNew: why"),
        (_answer("InvalidRequestException"), "InvalidRequestException: why: correct the request"),
        (ResponseParserError("no XML"), "is not AWS"),
        (ToolError("Terraform is missing", remedy="install it"), "Terraform is missing: install it"),
        (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied"),
        (ZeroDivisionError("oh"), "unexpected ZeroDivisionError"),
    ],
)
def test_every_error_becomes_one_line_with_a_remedy(error: Exception, said: str) -> None:
    """The one place that puts them into words."""
    problem = explain(error)
    assert said in str(problem)
    assert problem.remedy
    assert "\n" not in str(problem)
    assert problem.exit_code == 2


def test_the_remedy_for_the_local_cloud_is_its_own() -> None:
    """Nobody is sent to sign in to AWS for it."""
    assert "make local-up" in explain(NoCredentialsError(), local=True).remedy
    assert "AWS_PROFILE" in explain(NoCredentialsError()).remedy
