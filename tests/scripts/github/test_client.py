"""Requests to GitHub: waits, tries, refusals, and where the token goes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scripts.github import client as client_module
from scripts.github import settings
from scripts.github.client import Call, Client
from scripts.github.errors import BusyError, GitHubError, UnavailableError
from tests.scripts.github.server import REPOSITORY, TOKEN, Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scripts.github.server import GitHub

READ = Call("GET", "/issues", "listing the issues", "issues: write")
CREATE = Call("POST", "/issues", "opening", "issues: write", {"title": "t", "body": "b"}, is_repeatable=False)
LIMIT = {"message": "You have exceeded a secondary rate limit"}


def test_a_request_is_as_github_wants_it(github: GitHub, client: Client) -> None:
    """The token as a bearer's, the version of the API, a name of ours."""
    assert client.ask(READ) == []
    assert github.requests == [("GET", f"/repos/{REPOSITORY}/issues")]
    sent = github.headers[0]
    assert sent["Authorization"] == f"Bearer {TOKEN}"
    assert sent["X-GitHub-Api-Version"] == "2022-11-28"
    assert sent["User-Agent"] == "cruddur-scripts"


def test_a_netrc_does_not_replace_the_token(
    github: GitHub, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the machine keeps for other programs is not sent."""
    file = tmp_path / "netrc"
    file.write_text("default login someone password other\n")
    monkeypatch.setenv("NETRC", str(file))
    assert client.ask(READ) == []
    assert github.headers[0]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(500), 1.0),
        (Fault(hangs_up=True), 1.0),
        (Fault(429, LIMIT, {"Retry-After": "7"}), 7.0),
        (Fault(403, LIMIT, {"Retry-After": "9"}), 9.0),
        (Fault(403, LIMIT), 60.0),
        (Fault(403, {"message": "x"}, {"X-RateLimit-Remaining": "0"}), 60.0),
        (Fault(429, b"busy", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 60.0),
    ],
)
def test_a_passing_fault_is_waited_for(
    fault: Fault, seconds: float, github: GitHub, client: Client, waited: list[float]
) -> None:
    """As long as GitHub says, a minute where it names no time, a second where it only failed."""
    github.faults = [fault]
    assert client.ask(READ) == []
    assert waited == [seconds]


def test_a_limits_end_is_waited_for(github: GitHub, client: Client, waited: list[float]) -> None:
    """The header tells it as seconds since 1970; one that has passed is a second."""
    soon = str(int(time.time()) + 30)
    gone = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": soon}
    github.faults = [Fault(403, {}, headers), Fault(429, {}, gone)]
    assert client.ask(READ) == []
    assert 0 < waited[0] <= 30
    assert waited[1] == 1.0


def test_a_long_limit_is_not_waited_for(github: GitHub, client: Client, waited: list[float]) -> None:
    """An hour in a job costs more than a comment is worth."""
    github.faults = [Fault(429, LIMIT, {"Retry-After": "3600"})]
    with pytest.raises(BusyError, match="run it again later"):
        client.ask(READ)
    assert waited == []


def test_a_creation_is_repeated_only_where_nothing_was_done(github: GitHub, client: Client) -> None:
    """A limit's answer says so; a failure's does not."""
    github.faults = [Fault(429, LIMIT, {"Retry-After": "1"})]
    assert client.ask(CREATE)["number"] == 1
    github.faults = [Fault(500, does=True)]
    with pytest.raises(UnavailableError):
        client.ask(CREATE)
    assert len(github.issues) == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "give GITHUB_TOKEN the job's own token"),
        (403, "give the job the permission `issues: write`"),
        (404, "a fork's pull request can't have it"),
        (301, "set GITHUB_REPOSITORY to its present name"),
        (422, "Validation Failed; body is too long"),
    ],
)
def test_a_refusal_is_told_with_its_remedy(
    status: int, words: str, github: GitHub, client: Client, waited: list[float]
) -> None:
    """In one line, without a second try, and without the token."""
    document = {"message": "Validation Failed", "errors": [{"message": "body is too long"}, 3]}
    github.faults = [Fault(status, document, {"Location": "http://127.0.0.1:9/"})]
    with pytest.raises(GitHubError) as raised:
        client.ask(READ)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert (waited, len(github.requests)) == ([], 1)


def test_where_nothing_listens_the_address_is_named(github: GitHub, waited: list[float]) -> None:
    """After some tries; the token is not in the text."""
    given = {**github.variables, "GITHUB_API_URL": "http://127.0.0.1:9"}
    client = Client(settings.read(given), sleep=waited.append)
    with pytest.raises(UnavailableError, match=r"http://127\.0\.0\.1:9 can't be reached"):
        client.ask(READ)
    assert waited == [1.0, 2.0, 4.0]


def test_an_endless_answer_is_left(github: GitHub, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that answers can fill the memory."""
    monkeypatch.setattr(client_module, "BOUNDS", replace(client_module.BOUNDS, max_bytes=1024))
    github.faults = [Fault(200, b"[" + b" " * 200_000 + b"]")]
    with pytest.raises(GitHubError, match="is endless: more than 1024 bytes"):
        client.ask(READ)
