"""Requests to GitHub's API: one token, timeouts, a bounded number of tries, answers of a bounded size.

Reading, and writing that comes to the same when it is done twice, is tried again after failures; creating
only where GitHub said that it did nothing. Limits and waits: docs.github.com, REST API, "Rate limits for the
REST API", "Best practices for using the REST API".
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from requests.auth import AuthBase

from scripts import bounded
from scripts.github.errors import BusyError, GitHubError, UnavailableError
from scripts.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scripts.github.settings import Settings

TRIES = 4
PAUSE_SECONDS = 0.5
# What GitHub asks for where it names no time.
LIMIT_WAIT_SECONDS = 60.0
WAIT_MAX_SECONDS = 150.0
BOUNDS = bounded.Bounds(64 * 1024 * 1024, 60.0, (5.0, 20.0))
WORDS_MAX_CHARACTERS = 300
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "cruddur-scripts",
}


class _Bearer(AuthBase):
    """Puts the token on a request; without this requests would take a ``.netrc``'s password instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Call:
    """One request: what it does, in words, and the permission that its token needs.

    `is_repeatable` tells that doing it twice comes to the same.
    """

    method: str
    path: str
    doing: str
    permission: str
    document: Mapping[str, Any] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = True


class Client:
    """GitHub's API for one repository; the token is in no text that it makes."""

    def __init__(
        self,
        settings: Settings,
        *,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """*tell* gets a line where a wait begins."""
        self.url = settings.api_url
        self.app_login = settings.app_login
        self._repository = f"/repos/{settings.repository}"
        self._tell = tell
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = _Bearer(settings.token)
        self._session.headers.update(_HEADERS)

    def ask(self, call: Call, *, allowed: tuple[int, ...] = ()) -> Any:
        """Return the document that answers *call*; None for a status of *allowed*. Raises GitHubError.

        A path that begins with ``/issues`` is the repository's.
        """
        until = time.monotonic() + WAIT_MAX_SECONDS
        for number in range(1, TRIES + 1):
            try:
                return self._once(call, allowed)
            except (BusyError, UnavailableError) as problem:
                if isinstance(problem, BusyError):
                    seconds = problem.wait_seconds
                else:
                    seconds = PAUSE_SECONDS * 2**number
                is_safe = call.is_repeatable or isinstance(problem, BusyError)
                if number == TRIES or not is_safe or time.monotonic() + seconds > until:
                    raise
                if seconds >= 1:
                    self._tell(f"{problem.message}: trying again in {seconds:.0f} s")
                self._sleep(seconds)
        raise AssertionError("the last try returns or raises")

    def _once(self, call: Call, allowed: tuple[int, ...]) -> Any:
        path = self._repository + call.path if call.path.startswith("/issues") else call.path
        try:
            with self._session.request(
                call.method,
                self.url + path,
                json=call.document,
                params=dict(call.parameters),
                timeout=BOUNDS.timeouts,
                # The token goes to the address that was named, and to no other.
                allow_redirects=False,
                stream=True,
            ) as answer:
                status, headers, content = answer.status_code, answer.headers, _body(answer)
        except requests.RequestException as error:
            # Its text may hold what was sent; its kind is enough.
            raise UnavailableError(
                f"{self.url} can't be reached ({call.doing}: {type(error).__name__})",
                remedy="check the network and GITHUB_API_URL, then run it again",
            ) from None
        if 200 <= status < 300:
            return self._document(content)
        problem = _problem(status, headers, content, call)
        if status in allowed and not isinstance(problem, BusyError):
            return None
        raise problem

    def _document(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise not_github(self.url) from None


def not_github(url: str) -> GitHubError:
    """Return the error for an answer that GitHub doesn't give."""
    return GitHubError(
        f"what answers at {url} is not GitHub's API", remedy="check GITHUB_API_URL and the proxy"
    )


def _body(answer: requests.Response) -> bytes:
    try:
        return bounded.read_body(answer, BOUNDS, time.monotonic() + BOUNDS.max_seconds)
    except bounded.EndlessError as error:
        raise GitHubError(
            f"GitHub's answer is endless: {error}", remedy="check GITHUB_API_URL and the proxy"
        ) from None


def _problem(status: int, headers: Mapping[str, str], content: bytes, call: Call) -> GitHubError:
    said = f"{call.doing}: HTTP {status}{_words(content)}"
    wait = _wait_seconds(status, headers, content)
    if wait is not None:
        return BusyError(
            f"GitHub has had too many requests ({said})", remedy="run it again later", wait_seconds=wait
        )
    if status == 401:
        return GitHubError(
            f"GitHub doesn't take the token ({said})", remedy="give GITHUB_TOKEN the job's own token"
        )
    if status in {403, 404}:
        return GitHubError(
            f"GitHub doesn't allow this, or hasn't got it ({said})",
            remedy=f"give the job the permission `{call.permission}`; a fork's pull request can't have it",
        )
    if 300 <= status < 400:
        return GitHubError(
            f"the repository has moved ({said})", remedy="set GITHUB_REPOSITORY to its present name"
        )
    if 400 <= status < 500:
        return GitHubError(f"GitHub refuses the request ({said})", remedy="correct what it names")
    return UnavailableError(
        f"GitHub fails ({said})", remedy="run it again; githubstatus.com says whether others see it"
    )


def _wait_seconds(status: int, headers: Mapping[str, str], content: bytes) -> float | None:
    """Return for how long an answer asks to wait, None where it is about something else."""
    if status not in {403, 429}:
        return None
    after = headers.get("Retry-After", "")
    if after.isascii() and after.isdigit() and len(after) < 10:
        return float(after)
    if headers.get("X-RateLimit-Remaining") == "0":
        reset = headers.get("X-RateLimit-Reset", "")
        known = reset.isascii() and reset.isdigit() and len(reset) < 12
        return max(1.0, float(reset) - time.time()) if known else LIMIT_WAIT_SECONDS
    is_limit = status == 429 or b"rate limit" in content[:10_000].lower()
    return LIMIT_WAIT_SECONDS if is_limit else None


def _words(content: bytes) -> str:
    """Return what an error's body says, in one line."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    errors = told.get("errors")
    details = [
        str(one.get("message") or one.get("code") or "")
        for one in (errors if isinstance(errors, list) else [])
        if isinstance(one, dict)
    ]
    said = "; ".join(filter(None, [str(told.get("message") or ""), *details]))
    return f", {one_line(said)[:WORDS_MAX_CHARACTERS]}" if said else ""
