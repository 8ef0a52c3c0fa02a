"""GitHub's issues and comments on loopback, in memory, by the paths and answers of its REST API.

Source: docs.github.com, REST API, issues and issue comments (API version 2022-11-28).
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOKEN = "ghs_" + 12 * "Tok"
REPOSITORY = "me/traced-backend"
APP = {"login": "github-actions[bot]", "type": "Bot"}
BODY_MAX_CHARACTERS = 65_536


@dataclass(frozen=True)
class Fault:
    """What one request gets instead of its answer; with `does`, after the work was done."""

    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    does: bool = False
    hangs_up: bool = False
    method: str = ""


@dataclass
class GitHub:
    """What is there, and what was asked; `login` is None for an app's token."""

    url: str = ""
    login: str | None = None
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        """What GitHub's runner sets, for pull request 7."""
        return {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": self.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_REF": "refs/pull/7/merge",
        }

    def add_comment(self, body: str, *, author: Mapping[str, str] = APP, number: int = 7) -> dict[str, Any]:
        """Put a comment there."""
        made = self._made(len(self.comments) + 1, body, author)
        made |= {"id": 1000 + len(self.comments), "number": number}
        made["html_url"] = f"https://github.com/{REPOSITORY}/pull/{number}#issuecomment-{made['id']}"
        self.comments.append(made)
        return made

    def add_issue(
        self, title: str, body: str, *, author: Mapping[str, str] = APP, is_pull_request: bool = False
    ) -> dict[str, Any]:
        """Put an issue there, or a pull request, which GitHub lists as one."""
        number = len(self.issues) + 1
        made = self._made(number, body, author) | {"number": number, "title": title, "state": "open"}
        made["html_url"] = f"https://github.com/{REPOSITORY}/issues/{number}"
        if is_pull_request:
            made["pull_request"] = {}
        self.issues.append(made)
        return made

    @property
    def me(self) -> Mapping[str, str]:
        """Whose token it is."""
        return APP if self.login is None else {"login": self.login, "type": "User"}

    @staticmethod
    def _made(number: int, body: str, author: Mapping[str, str]) -> dict[str, Any]:
        created = f"2026-11-20T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        return {"body": body, "user": dict(author), "created_at": created}

    def answer(self, method: str, path: str, asked: Mapping[str, list[str]], sent: Any) -> tuple[int, Any]:
        """Return status and document."""
        if path == "/user":
            return (200, {"login": self.login}) if self.login else (403, _said("not accessible"))
        words = path.removeprefix(f"/repos/{REPOSITORY}/issues").strip("/").split("/")
        if not path.startswith(f"/repos/{REPOSITORY}/issues"):
            return 404, _said("Not Found")
        if sent is not None and len(sent.get("body", "")) > BODY_MAX_CHARACTERS:
            return 422, _said("Validation Failed") | {"errors": [{"message": "body is too long"}]}
        if words == [""]:
            return self._issues(method, asked, sent)
        if words[0] == "comments":
            return self._changed([one for one in self.comments if str(one["id"]) == words[1]], sent)
        if words[1:] == ["comments"]:
            return self._comments(method, int(words[0]), asked, sent)
        return self._changed([one for one in self.issues if str(one["number"]) == words[0]], sent)

    def _issues(self, method: str, asked: Mapping[str, list[str]], sent: Any) -> tuple[int, Any]:
        if method == "POST":
            return 201, self.add_issue(sent["title"], sent["body"], author=self.me)
        wanted = asked.get("state", ["open"])[0]
        return 200, _page([one for one in reversed(self.issues) if one["state"] == wanted], asked)

    def _comments(
        self, method: str, number: int, asked: Mapping[str, list[str]], sent: Any
    ) -> tuple[int, Any]:
        if method == "POST":
            return 201, self.add_comment(sent["body"], author=self.me, number=number)
        return 200, _page([one for one in self.comments if one["number"] == number], asked)

    @staticmethod
    def _changed(found: list[dict[str, Any]], sent: Any) -> tuple[int, Any]:
        if not found:
            return 404, _said("Not Found")
        found[0].update(sent)
        return 200, found[0]


def _said(message: str) -> dict[str, Any]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}


def _page(items: list[dict[str, Any]], asked: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    size, page = int(asked.get("per_page", ["30"])[0]), int(asked.get("page", ["1"])[0])
    return items[(page - 1) * size : page * size]


@contextmanager
def serving() -> Iterator[GitHub]:
    """Serve an empty repository."""
    there = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else None
            parts = urlsplit(self.path)
            there.requests.append((self.command, parts.path))
            there.headers.append(dict(self.headers))
            matching = [one for one in there.faults if one.method in {"", self.command}]
            fault = matching[0] if matching else None
            if fault is not None:
                there.faults.remove(fault)
            if fault is None or fault.does:
                status, document = self._done(parts.path, parse_qs(parts.query), sent)
            if fault is not None:
                if fault.hangs_up:
                    self.close_connection = True
                    return
                status, document = fault.status, fault.body
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in (fault.headers if fault else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _done(self, path: str, asked: Mapping[str, list[str]], sent: Any) -> tuple[int, Any]:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return 401, _said("Bad credentials")
            return there.answer(self.command, path, asked, sent)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()
