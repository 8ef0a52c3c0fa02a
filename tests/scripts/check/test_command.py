"""``python -m scripts check`` as make runs it: exit codes, forms, and that it asks nobody."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.scripts.check.subjects import DATA, document

if TYPE_CHECKING:
    from pathlib import Path


def _run(
    *words: str, folder: Path, program: tuple[str, ...] = ("-m", "scripts"), **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, "check", *words],
        env={**os.environ, "TRACED_BACKEND_LOCAL": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A plan whose group's filter has a typo."""
    plan = json.dumps(document("xray-create")).replace('backend-flask\\")', 'backend-flash\\")')
    (tmp_path / "plan.json").write_text(plan)
    return tmp_path / "plan.json"


def test_all_is_well(tmp_path: Path) -> None:
    """0 without a local cloud, with plans: JSON of verify's shape alone on stdout, the summary on stderr."""
    finished = _run(
        "--format", "json", "--plan", f"{DATA}/xray-noop.json {DATA}/honeycomb-noop.json", folder=tmp_path
    )
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert list(found) == ["environment", "checks", "summary"]
    assert (found["environment"], found["summary"]["fail"]) == ("local", 0)
    assert list(found["checks"][0]) == ["id", "status", "expected", "actual", "remedy"]
    assert found["summary"]["pass"] == len(found["checks"]) == 25
    assert finished.stderr.splitlines()[-1] == "check local: 25 passed, 0 failed, 0 skipped"


@pytest.mark.parametrize("form", ["table", "json", "junit", "markdown"])
def test_something_is_wrong(tmp_path: Path, wrong: Path, form: str) -> None:
    """1 in every form, with what is meant."""
    finished = _run("--format", form, "--plan", str(wrong), folder=tmp_path / "none")
    assert finished.returncode == 1, finished.stderr
    told = " ".join(finished.stdout.split())
    if form == "json":
        [failed] = [one for one in json.loads(finished.stdout)["checks"] if one["status"] == "fail"]
        assert failed["id"] == "plan.xray.group.effect"
        assert "cruddur-local-backend-flash was probably meant to be" in failed["remedy"]
    elif form == "junit":
        suites = ElementTree.fromstring(finished.stdout)  # noqa: S314 - our own
        assert suites.get("name") == "check"
        assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == [
            "plan.xray.group.effect"
        ]
    else:
        assert "plan.xray.group.effect" in told
        assert told.startswith("### Check, local" if form == "markdown" else "check expected actual")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--plan", "none.json"), "check: none.json can't be read (No such file or directory): give PLAN"),
        (("--routes", "GET /a"), "check: ROUTES: 'GET /a' has no rate"),
        (("--traffic", "none.log"), "none.log"),
        (("--env", "dev"), "env.hcl"),
    ],
)
def test_it_could_not_be_done(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    """2, and one line on stderr with the reason and the remedy; nothing on stdout."""
    finished = _run(*words, "--format", "json", folder=tmp_path)
    assert (finished.returncode, finished.stdout) == (2, "")
    [line] = finished.stderr.splitlines()
    assert why in line


@pytest.mark.parametrize(
    "words", [("--rate", "x"), ("--workers", "0"), ("--budget", "-1"), ("--format", "svg")]
)
def test_wrong_words(tmp_path: Path, words: tuple[str, ...]) -> None:
    """2 before anything is rendered."""
    assert _run(*words, folder=tmp_path).returncode == 2


def test_it_asks_nobody(tmp_path: Path) -> None:
    """No credentials, a proxy and an endpoint where calls would arrive: none does, nor is boto3 loaded."""
    program = (
        "import sys; from scripts.__main__ import main; code = main();"
        " sys.exit(code or 10 * bool({'boto3', 'botocore', 'requests'} & set(sys.modules)))"
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        (tmp_path / "env").write_text(
            f"AWS_ENDPOINT_URL={address}\nAWS_REGION=us-east-1\nHONEYCOMB_API_ENDPOINT={address}\n"
        )
        finished = _run(
            *("--plan", f"{DATA}/xray-create.json", "--routes", "GET /a=1/s"),
            folder=tmp_path,
            program=("-c", program),
            HTTP_PROXY=address,
            HTTPS_PROXY=address,
            NO_PROXY="",
        )
        assert finished.returncode == 0, finished.stderr
        with pytest.raises(BlockingIOError):
            listening.accept()
