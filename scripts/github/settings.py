"""Which repository, by which API, with which token: the variables that GitHub's runner sets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scripts import secrets
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

API_URL = "https://api.github.com"
SERVER_URL = "https://github.com"
# Whose a workflow's own token is.
APP_LOGIN = "github-actions[bot]"
_REPOSITORY = re.compile(r"[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_LOGIN = re.compile(r"[A-Za-z0-9_-]{1,39}\[bot\]")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PULL_REQUEST = re.compile(r"refs/pull/(\d{1,18})/")
_RUN = re.compile(r"\d{1,20}")


@dataclass(frozen=True)
class Settings:
    """GitHub as one run of a workflow sees it.

    `run_url` leads to that run, empty where there is none. `pull_request` is the number that the run is
    for, None for another event than a pull request's. `app_login` is who writes with the token, where that
    is an app's: GitHub doesn't tell an app who it is.
    """

    api_url: str
    repository: str
    run_url: str
    pull_request: int | None
    app_login: str
    token: str = field(repr=False)


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings that *environment* gives, its token hidden from all output from now on.

    Raises OperatorError with all that is missing or wrong.
    """
    token = environment.get("GITHUB_TOKEN", "").strip()
    repository = environment.get("GITHUB_REPOSITORY", "")
    api_url = environment.get("GITHUB_API_URL", "") or API_URL
    server_url = environment.get("GITHUB_SERVER_URL", "") or SERVER_URL
    app_login = environment.get("GITHUB_APP_LOGIN", "") or APP_LOGIN
    run = environment.get("GITHUB_RUN_ID", "")
    secrets.remember(token)
    problems = []
    if not token:
        problems.append("GITHUB_TOKEN is not set")
    elif not _TOKEN.fullmatch(token):
        problems.append("GITHUB_TOKEN has characters that no token has")
    if not _REPOSITORY.fullmatch(repository):
        problems.append(f"GITHUB_REPOSITORY is {repository[:80]!r}, expected <owner>/<name>")
    for name, url in (("GITHUB_API_URL", api_url), ("GITHUB_SERVER_URL", server_url)):
        if not _is_origin(url):
            problems.append(f"{name} is no https:// address without user, query and fragment")
    if not _LOGIN.fullmatch(app_login):
        problems.append(f"GITHUB_APP_LOGIN is {app_login[:80]!r}, expected one like {APP_LOGIN}")
    if problems:
        raise OperatorError(
            "; ".join(problems), remedy="run it in a workflow of GitHub Actions, or set what its runner sets"
        )
    found = _PULL_REQUEST.match(environment.get("GITHUB_REF", ""))
    return Settings(
        api_url=api_url.rstrip("/"),
        repository=repository,
        run_url=f"{server_url.rstrip('/')}/{repository}/actions/runs/{run}" if _RUN.fullmatch(run) else "",
        pull_request=int(found[1]) if found else None,
        app_login=app_login,
        token=token,
    )


def _is_origin(url: str) -> bool:
    """Tell whether the token may go there: encrypted, or to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.query or parts.fragment or not url.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
