"""The two commands as they are run: one summary line, exit codes, and the token in no output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from scripts.github import drift
from scripts.verify import surroundings
from scripts.verify.check import Result, Status
from scripts.verify.report import to_json
from tests.scripts.github.server import REPOSITORY, TOKEN, Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scripts.github.server import GitHub

PASSED = Result("xray.rules", Status.PASS, "1", "1")
FAILED = Result("xray.group.g", Status.FAIL, 'filter=service("a")', "no such group", "make apply")
SKIPPED = Result("honeycomb.key", Status.SKIP, "accepted", "no key to show", "make apply")


def _run(github: GitHub, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    finished = subprocess.run(
        [sys.executable, "-m", "scripts", *words],
        env={**os.environ, **github.variables, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert TOKEN not in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    return finished


def _report(folder: Path, *results: Result, environment: str = "dev") -> str:
    path = folder / "verify.json"
    path.write_text(to_json(environment, results))
    return str(path)


def test_documents_become_one_comment(github: GitHub, tmp_path: Path) -> None:
    """Run again, it is brought up to date; the pull request is the one that the run is for."""
    (tmp_path / "check.md").write_text("### Check, dev\n")
    words = ("pull-request-comment", "--name", "plan-dev", "--documents")
    named = f"{tmp_path}/check.md {tmp_path}/plan-xray.txt"
    finished = _run(github, *words, named)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == (
        "pull-request-comment plan-dev: opened, without plan-xray: "
        f"https://github.com/{REPOSITORY}/pull/7#issuecomment-1000"
    )
    (tmp_path / "plan-xray.txt").write_text("no changes\n")
    again = _run(github, *words, named, "--pull-request", "7", GITHUB_REF="refs/heads/main")
    assert "plan-dev: updated: " in again.stdout
    (comment,) = github.comments
    assert f"## plan-dev ([the run](https://github.com/{REPOSITORY}/actions/runs/4711))" in comment["body"]
    assert "no changes" in comment["body"]


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (("--name", "a"), {}, "give DOCUMENTS="),
        (("--documents", "x.md"), {}, "small letters"),
        (("--name", "a", "--documents", "x.md"), {"GITHUB_REF": "refs/heads/main"}, "give PULL_REQUEST="),
        (("--name", "a", "--documents", "x.md", "--pull-request", "-1"), {}, "no pull request's number"),
        (("--name", "a", "--documents", "x.md"), {"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        (("--name", "a", "--documents", "/"), {}, "can't be read"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_asked(
    github: GitHub, words: tuple[str, ...], variables: dict[str, str], said: str
) -> None:
    """Exit code 2 and one line."""
    finished = _run(github, "pull-request-comment", *words, **variables)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.count("\n") == 1
    assert said in finished.stderr
    assert github.requests == []


def test_a_fork_is_told_what_it_lacks(github: GitHub, tmp_path: Path) -> None:
    """Its token may only read."""
    (tmp_path / "a.md").write_text("text")
    github.faults = [Fault(403, {"message": "Resource not accessible by integration"}, method="POST")]
    words = ("--name", "a", "--documents", f"{tmp_path}/a.md")
    finished = _run(github, "pull-request-comment", *words)
    assert finished.returncode == 2
    assert "HTTP 403, Resource not accessible by integration" in finished.stderr
    assert "`pull-requests: write`" in finished.stderr


def test_an_issue_follows_the_reports(github: GitHub, tmp_path: Path) -> None:
    """Open with the first that does not pass, closed with the first that does, by environment."""
    well = _run(github, "drift-issue", "--report", _report(tmp_path, PASSED))
    assert well.stdout.splitlines()[-1] == "drift-issue dev: all checks pass, no issue is open"
    opened = _run(github, "drift-issue", "--report", _report(tmp_path, PASSED, FAILED))
    assert "drift-issue dev: opened: " in opened.stdout
    (issue,) = github.issues
    assert issue["title"] == "make verify ENV=dev: not all checks pass"
    assert '| xray.group.g | filter=service("a") | no such group | make apply |' in issue["body"]
    skipped = _run(github, "drift-issue", "--report", _report(tmp_path, PASSED, SKIPPED))
    assert "drift-issue dev: updated: " in skipped.stdout
    other = _run(github, "drift-issue", "--report", _report(tmp_path, FAILED, environment="prod"))
    assert "drift-issue prod: opened: " in other.stdout
    closed = _run(github, "drift-issue", "--report", _report(tmp_path, PASSED))
    assert "drift-issue dev: closed: " in closed.stdout
    assert [one["state"] for one in github.issues] == ["closed", "open"]
    assert [one.returncode for one in (well, opened, skipped, other, closed)] == [0] * 5


CHECK = {"id": "a", "status": "pass", "expected": "", "actual": "", "remedy": ""}
UNASKED = [
    CHECK | {"id": "region"},
    CHECK | {"id": "credentials", "status": "fail"},
    CHECK | {"id": "account", "status": "skip"},
]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "No such file"),
        (b"", "empty"),
        (b"\xff\xfe", "no report of verify"),
        (b"[" * 100_000, "no report of verify"),
        ([], "no object with an environment"),
        ({"environment": "staging", "checks": [CHECK]}, "no object with an environment"),
        ({"environment": "dev", "checks": []}, "no checks"),
        ({"environment": "dev", "checks": [CHECK | {"status": "well"}]}, "a check of status 'well'"),
        ({"environment": "dev", "checks": [CHECK | {"status": []}]}, "a check of status '[]'"),
        ({"environment": [], "checks": [CHECK]}, "no object with an environment"),
        ({"environment": "dev", "checks": UNASKED}, "it could not ask"),
        ({"environment": "dev", "checks": UNASKED[:1]}, "it could not ask"),
        ({"environment": "dev", "checks": [{"id": "a", "status": "pass"}]}, "a check without"),
    ],
)
def test_what_is_no_report_leaves_the_issue_as_it_is(
    github: GitHub, tmp_path: Path, document: Any, said: str
) -> None:
    """That nothing was seen is neither drift nor a pass: exit code 2, and GitHub isn't asked."""
    path = tmp_path / "verify.json"
    if document is not None:
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    finished = _run(github, "drift-issue", "--report", str(path))
    assert (finished.returncode, finished.stdout) == (2, "")
    assert said in finished.stderr
    assert finished.stderr.count("\n") == 1
    assert github.requests == []


def test_what_verify_asks_first_is_known_here() -> None:
    """Region, credentials and account: where one of them fails, verify's report has no other check."""
    assert set(surroundings._IDS) == drift.SURROUNDINGS


def test_a_report_is_named(github: GitHub) -> None:
    """Without one there is nothing to say."""
    finished = _run(github, "drift-issue")
    assert (finished.returncode, "give REPORT=" in finished.stderr) == (2, True)
