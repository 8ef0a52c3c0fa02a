"""One comment, and one issue, that are written once and then brought up to date.

Each is known by a marker in its text, an HTML comment that nobody sees, and by its author: a marker that
somebody else has copied into a text of theirs counts for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts import markdown
from scripts.errors import OperatorError
from scripts.github.client import Call, not_github
from scripts.github.errors import GitHubError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scripts.github.client import Client

PAGE_ITEMS = 100
PAGES_MAX = 50
COMMENTS = "pull-requests: write"
ISSUES = "issues: write"
SHORTENED = "*The rest is left out here: there is no room for it.*"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


@dataclass(frozen=True)
class Kept:
    """Where it is, and what was done: ``opened``, ``updated``, ``closed``, or ``nothing``."""

    url: str
    did: str


def marker(name: str) -> str:
    """Return the marker of *name*. Raises OperatorError for other than small letters, digits, `.`, `-`."""
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"the name {name[:80]!r} can't mark a comment", remedy="use small letters, digits and hyphens"
        )
    return f"<!-- traced-backend: {name} -->"


def keep_comment(client: Client, pull_request: int, name: str, body: str) -> Kept:
    """Have the pull request's comment *name* say *body*. Raises GitHubError."""
    place = f"/issues/{pull_request}/comments"
    doing = f"the comments of pull request {pull_request}"
    text = _text(name, body)

    def write() -> Kept:
        found = _ours(client, Call("GET", place, f"reading {doing}", COMMENTS), marker(name))
        document = {"body": text}
        if not found:
            call = Call("POST", place, f"writing to {doing}", COMMENTS, document, is_repeatable=False)
            return _kept(client, call, "opened")
        path = f"/issues/comments/{_number(client, found[0], 'id')}"
        return _kept(client, Call("PATCH", path, f"writing to {doing}", COMMENTS, document), "updated")

    return _twice(write)


def keep_issue(client: Client, name: str, title: str, body: str, *, is_open: bool) -> Kept:
    """Have the issue *name* say *body*: opened where there is none; closed, if there is one, with the others.

    Raises GitHubError.
    """
    text = _text(name, body)
    listing = Call("GET", "/issues", "listing the open issues", ISSUES, parameters={"state": "open"})

    def write() -> Kept:
        found = [one for one in _ours(client, listing, marker(name)) if "pull_request" not in one]
        document: dict[str, Any] = {"title": title, "body": text}
        if not found:
            if not is_open:
                return Kept("", "nothing")
            call = Call("POST", "/issues", "opening an issue", ISSUES, document, is_repeatable=False)
            return _kept(client, call, "opened")
        if not is_open:
            document |= {"state": "closed", "state_reason": "completed"}
        done = []
        for one in found if not is_open else found[:1]:
            path = f"/issues/{_number(client, one, 'number')}"
            call = Call("PATCH", path, "writing to the issue", ISSUES, document)
            done.append(_kept(client, call, "updated" if is_open else "closed"))
        return done[0]

    return _twice(write)


def _text(name: str, body: str) -> str:
    return markdown.shortened(f"{marker(name)}\n{body}", markdown.LIMIT_BYTES, SHORTENED)


def _twice(write: Callable[[], Kept]) -> Kept:
    """Return what *write* does. Where it isn't known whether it did, it looks for what is there once more."""
    try:
        return write()
    except UnavailableError:
        return write()


def _ours(client: Client, call: Call, sign: str) -> list[Mapping[str, Any]]:
    """Return those of the list *call* that are ours and have the marker, the oldest first."""
    marked = [one for one in _all(client, call) if str(one.get("body") or "").startswith(sign)]
    if not marked:
        return []
    # A workflow's own token belongs to an app, which GitHub doesn't tell who it is (403).
    who = client.ask(Call("GET", "/user", "asking whose token this is", "none"), allowed=(403,))
    login = who.get("login") if isinstance(who, dict) else client.app_login
    mine = [one for one in marked if _is_by(one.get("user"), login)]
    return sorted(mine, key=lambda one: str(one.get("created_at")))


def _is_by(author: Any, login: Any) -> bool:
    return isinstance(author, dict) and isinstance(login, str) and author.get("login") == login


def _all(client: Client, call: Call) -> Iterator[Mapping[str, Any]]:
    """Yield every item of a list, page by page. Raises GitHubError beyond 5,000."""
    for page in range(1, PAGES_MAX + 1):
        asked = {**call.parameters, "per_page": str(PAGE_ITEMS), "page": str(page)}
        items = client.ask(Call(call.method, call.path, call.doing, call.permission, parameters=asked))
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise not_github(client.url)
        yield from items
        if len(items) < PAGE_ITEMS:
            return
    raise GitHubError(
        f"{call.doing}: there are {PAGES_MAX * PAGE_ITEMS} or more", remedy="close what is done with"
    )


def _number(client: Client, item: Mapping[str, Any], name: str) -> int:
    number = item.get(name)
    if not isinstance(number, int):
        raise not_github(client.url)
    return number


def _kept(client: Client, call: Call, did: str) -> Kept:
    written = client.ask(call)
    url = written.get("html_url") if isinstance(written, dict) else None
    if not isinstance(url, str):
        raise not_github(client.url)
    return Kept(url, did)
