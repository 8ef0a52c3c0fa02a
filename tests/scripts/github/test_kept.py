"""One comment and one issue: opened once, then brought up to date, never twice and never somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.errors import OperatorError
from scripts.github import kept, settings
from scripts.github.client import Client
from scripts.github.errors import GitHubError, UnavailableError
from tests.scripts.github.server import BODY_MAX_CHARACTERS, Fault

if TYPE_CHECKING:
    from tests.scripts.github.server import GitHub

ALICE = {"login": "alice", "type": "User"}
BOT = {"login": "helpful[bot]", "type": "Bot"}


def test_a_comment_is_written_once_and_then_updated(github: GitHub, client: Client) -> None:
    """The second time the same comment says something else; another name's is another comment."""
    first = kept.keep_comment(client, 7, "plan-dev", "one")
    second = kept.keep_comment(client, 7, "plan-dev", "two")
    other = kept.keep_comment(client, 7, "plan-prod", "three")
    assert (first.did, second.did, other.did) == ("opened", "updated", "opened")
    assert first.url == second.url == github.comments[0]["html_url"]
    assert [one["body"].partition("\n")[2] for one in github.comments] == ["two", "three"]


@pytest.mark.parametrize("login", [None, "me"])
def test_somebody_elses_comment_is_left_alone(github: GitHub, client: Client, login: str | None) -> None:
    """A marker that was copied counts for nothing, whether the token is an app's or a person's."""
    github.login = login
    theirs = github.add_comment(f"{kept.marker('plan-dev')}\nmine now", author=ALICE)
    assert kept.keep_comment(client, 7, "plan-dev", "ours").did == "opened"
    assert kept.keep_comment(client, 7, "plan-dev", "ours again").did == "updated"
    assert theirs["body"].endswith("mine now")
    assert len(github.comments) == 2


def test_another_apps_comment_is_left_alone(github: GitHub, client: Client) -> None:
    """Whose marker it is an app's token can't ask: the author is GitHub Actions, or the app that is named."""
    theirs = github.add_comment(f"{kept.marker('plan-dev')}\nmine now", author=BOT)
    assert kept.keep_comment(client, 7, "plan-dev", "ours").did == "opened"
    assert kept.keep_comment(client, 7, "plan-dev", "ours again").did == "updated"
    assert theirs["body"].endswith("mine now")
    named = Client(settings.read({**github.variables, "GITHUB_APP_LOGIN": BOT["login"]}))
    assert kept.keep_comment(named, 7, "plan-dev", "theirs").url == theirs["html_url"]
    assert theirs["body"].endswith("theirs")


def test_a_comment_behind_many_others_is_found(github: GitHub, client: Client) -> None:
    """Page after page is read; a marker in the middle of a text is none."""
    for number in range(250):
        github.add_comment(f"about {kept.marker('plan-dev')}, number {number}")
    ours = github.add_comment(kept.marker("plan-dev"))
    assert kept.keep_comment(client, 7, "plan-dev", "new").did == "updated"
    assert ours["body"].endswith("\nnew")


@pytest.mark.parametrize("name", ["", "two words", "a--> <b>", "A", "x" * 65])
def test_a_name_that_would_break_the_marker_is_refused(github: GitHub, client: Client, name: str) -> None:
    """Before anything is asked."""
    with pytest.raises(OperatorError, match="small letters"):
        kept.keep_comment(client, 7, name, "text")
    assert github.requests == []


def test_a_long_text_is_cut_to_githubs_limit(github: GitHub, client: Client) -> None:
    """GitHub refuses more than 65,536 characters; what is open is closed, and that it was cut is said."""
    kept.keep_comment(client, 7, "plan-dev", "<details>\n\n```\n" + "wide \u20ac line\n" * 20_000)
    body = github.comments[0]["body"]
    assert len(body) <= BODY_MAX_CHARACTERS
    assert body.count("```") == 2
    assert body.count("</details>") == 1
    assert body.endswith(kept.SHORTENED)


def test_an_issue_is_opened_updated_and_closed(github: GitHub, client: Client) -> None:
    """One issue for as long as it goes on; the next time a new one."""
    assert kept.keep_issue(client, "drift-dev", "t", "well", is_open=False) == kept.Kept("", "nothing")
    opened = kept.keep_issue(client, "drift-dev", "t", "one", is_open=True)
    updated = kept.keep_issue(client, "drift-dev", "t2", "two", is_open=True)
    closed = kept.keep_issue(client, "drift-dev", "t", "well", is_open=False)
    assert [one.did for one in (opened, updated, closed)] == ["opened", "updated", "closed"]
    assert opened.url == updated.url == closed.url
    assert (github.issues[0]["state"], github.issues[0]["state_reason"]) == ("closed", "completed")
    assert github.issues[0]["body"].endswith("\nwell")
    assert kept.keep_issue(client, "drift-dev", "t", "again", is_open=True).did == "opened"
    assert len(github.issues) == 2


def test_other_issues_and_pull_requests_are_left_alone(github: GitHub, client: Client) -> None:
    """Those of other environments, of other people, and pull requests with the marker in their text."""
    sign = kept.marker("drift-dev")
    github.add_issue("theirs", sign, author=ALICE)
    github.add_issue("pull request", sign, is_pull_request=True)
    github.add_issue("prod", kept.marker("drift-prod"))
    before = [dict(one) for one in github.issues]
    assert kept.keep_issue(client, "drift-dev", "t", "x", is_open=False).did == "nothing"
    assert kept.keep_issue(client, "drift-dev", "t", "x", is_open=True).did == "opened"
    assert github.issues[:3] == before


def test_of_two_issues_the_older_is_updated_and_both_are_closed(github: GitHub, client: Client) -> None:
    """Two runs at once may have opened one each."""
    for number in (1, 2):
        github.add_issue(str(number), kept.marker("drift-dev"))
    assert kept.keep_issue(client, "drift-dev", "new", "x", is_open=True).did == "updated"
    assert [one["title"] for one in github.issues] == ["new", "2"]
    assert kept.keep_issue(client, "drift-dev", "well", "x", is_open=False).did == "closed"
    assert [one["state"] for one in github.issues] == ["closed", "closed"]


def test_what_may_have_been_written_is_looked_for_before_it_is_written_again(
    github: GitHub, client: Client
) -> None:
    """The answer to a creation got lost: there is one comment all the same."""
    github.faults = [Fault(hangs_up=True, does=True, method="POST")]
    assert kept.keep_comment(client, 7, "plan-dev", "text").did == "updated"
    assert len(github.comments) == 1
    github.faults = [Fault(502, does=False, method="POST")]
    assert kept.keep_issue(client, "drift-dev", "t", "x", is_open=True).did == "opened"
    assert len(github.issues) == 1


def test_failing_for_good_ends(github: GitHub, client: Client) -> None:
    """After a bounded number of tries, with what to do."""
    github.faults = [Fault(503) for _ in range(100)]
    with pytest.raises(UnavailableError, match="githubstatus"):
        kept.keep_comment(client, 7, "plan-dev", "text")
    assert len(github.requests) <= 10


@pytest.mark.parametrize("answer", [{"body": "no list"}, [1], b"<html>", None, [{"body": 3}]])
def test_what_is_not_githubs_api_is_told(github: GitHub, client: Client, answer: object) -> None:
    """A proxy's page or another server's answer is no reason for a traceback."""
    github.faults = [Fault(200, answer), Fault(200, {"id": "x"})]
    with pytest.raises(GitHubError, match="not GitHub's API"):
        kept.keep_comment(client, 7, "plan-dev", "text")
