"""What GitHub's runner sets, read and checked."""

from __future__ import annotations

import pytest

from scripts import secrets
from scripts.errors import OperatorError
from scripts.github import settings
from tests.scripts.github.server import REPOSITORY, TOKEN

GIVEN = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY}


def test_a_runners_variables_are_taken() -> None:
    """Repository, addresses, run and pull request; what isn't set is GitHub's own."""
    found = settings.read({**GIVEN, "GITHUB_RUN_ID": "12", "GITHUB_REF": "refs/pull/34/merge"})
    assert found.api_url == "https://api.github.com"
    assert found.run_url == f"https://github.com/{REPOSITORY}/actions/runs/12"
    assert found.pull_request == 34
    assert found.app_login == "github-actions[bot]"
    other = settings.read(
        {**GIVEN, "GITHUB_REF": "refs/heads/main", "GITHUB_API_URL": "https://ghe.x/api/v3/"}
    )
    assert (other.api_url, other.run_url, other.pull_request) == ("https://ghe.x/api/v3", "", None)


@pytest.mark.parametrize("owner", ["me", "octo-org", "mona_cat-shortcode", "o" * 30 + "_shortcod"])
def test_an_owners_name_may_have_what_githubs_have(owner: str) -> None:
    """A company's managed user ends with `_` and the company's short name."""
    assert settings.read({**GIVEN, "GITHUB_REPOSITORY": f"{owner}/app"}).repository == f"{owner}/app"
    secrets._known.clear()


def test_the_token_is_shown_nowhere() -> None:
    """Neither with the settings nor in what is printed."""
    found = settings.read(GIVEN)
    assert TOKEN not in repr(found)
    assert secrets.scrub(f"Bearer {TOKEN}") == "Bearer [secret]"
    secrets._known.clear()


def test_all_that_is_missing_is_told_at_once() -> None:
    """In one line, with what to do."""
    with pytest.raises(OperatorError) as raised:
        settings.read({})
    assert "GITHUB_TOKEN is not set; GITHUB_REPOSITORY is ''" in str(raised.value)
    assert "workflow of GitHub Actions" in raised.value.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_TOKEN", "two words"),
        ("GITHUB_TOKEN", "line\nX-Injected: 1"),
        ("GITHUB_TOKEN", "gh\u00e9"),
        ("GITHUB_REPOSITORY", "me"),
        ("GITHUB_REPOSITORY", "me/../../other"),
        ("GITHUB_REPOSITORY", "me/a?b"),
        ("GITHUB_APP_LOGIN", "alice"),
        ("GITHUB_API_URL", "http://api.github.com"),
        ("GITHUB_API_URL", "https://user:" + "word" + "@api.github.com"),
        ("GITHUB_API_URL", "https://api.github.com?x=1"),
        ("GITHUB_API_URL", "https://[::1"),
        ("GITHUB_API_URL", "file:///etc/passwd"),
        ("GITHUB_SERVER_URL", "javascript:alert(1)"),
    ],
)
def test_a_wrong_one_is_named_and_a_token_never_repeated(name: str, value: str) -> None:
    """A token goes over an encrypted connection, or to this machine, to an address without a user."""
    with pytest.raises(OperatorError, match=name) as raised:
        settings.read({**GIVEN, name: value})
    assert name != "GITHUB_TOKEN" or value not in str(raised.value)
    secrets._known.clear()


@pytest.mark.parametrize("run", ["", "12)](https://evil.example", "1 2"])
def test_a_run_that_is_no_number_gives_no_link(run: str) -> None:
    """The link goes into Markdown."""
    assert settings.read({**GIVEN, "GITHUB_RUN_ID": run}).run_url == ""
