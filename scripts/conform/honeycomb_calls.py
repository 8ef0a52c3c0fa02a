"""Honeycomb's HTTP API, called so that every status is an answer, and counted."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from scripts.conform.case import DiffersError, NotPossibleError, UnansweredError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scripts.conform.limits import Budget
    from scripts.conform.recording import Recording

TIMEOUT_SECONDS = (5, 20)
KEY_HEADER = "x-honeycomb-team"
BODY_SHOWN_BYTES = 20_000
ATTEMPTS = 3
WAIT_SECONDS = 7.0
"""Ten results may be asked for in a minute."""
WAIT_MAX_SECONDS = 60.0
_LIMITED = 429
_BROKEN_FROM = 500
_RESET = re.compile(r"reset=(\d+)")


@dataclass(frozen=True)
class Answer:
    """One response; `document` is its JSON, or its text where it is none."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    body: bytes
    document: Any

    @property
    def words(self) -> str:
        """What a refusal says of the request, without the problem's type and title."""
        if not isinstance(self.document, dict):
            return str(self.document)
        return str({name: one for name, one in self.document.items() if name not in ("type", "title")})


class HoneycombCalls:
    """Calls Honeycomb with one key, which is in no recording and no error."""

    def __init__(
        self, endpoint: str, key: str, budget: Budget, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._key = key
        self._budget = budget
        self._sleep = sleep
        self._session = requests.Session()
        self.recording: Recording | None = None

    def __call__(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        events: int = 0,
    ) -> Answer:
        """Return the answer to one request. *key* replaces the run's own; the empty one sends none.

        Raises UnansweredError for 429 that stays, for 5xx, for a way elsewhere and where nobody answers,
        and CappedError before it sends more *events* than the run may.
        """
        self._budget.send(events)
        sent = dict(headers or {})
        chosen = self._key if key is None else key
        if chosen:
            sent[KEY_HEADER] = chosen
        if document is not None:
            data = json.dumps(document).encode()
            sent.setdefault("content-type", "application/json")
        answer = self._patiently(method, path, data, sent)
        if self.recording is not None:
            asked = document if document is not None else f"{len(data or b'')} bytes"
            self.recording.add(f"honeycomb:{method} {path}", asked, answer.status, answer.document)
        return answer

    def permitted(self, what: str, answer: Answer) -> Answer:
        """Return *answer*. Raises NotPossibleError where the key or the plan does not allow *what*.

        Raises UnansweredError where the key itself is no longer taken.
        """
        if answer.status == 401 and self._ask("GET", "/1/auth", None, {KEY_HEADER: self._key}).status == 401:
            raise UnansweredError("Honeycomb no longer takes the key (HTTP 401)")
        if answer.status in (401, 403):
            raise NotPossibleError(f"the key or the plan does not allow to {what} (HTTP {answer.status})")
        return answer

    def done(self, what: str, answer: Answer, *statuses: int) -> Any:
        """Return the document of an answer with one of *statuses*.

        Raises DiffersError for another status, UnansweredError for a body that Honeycomb does not send.
        """
        self.permitted(what, answer)
        if isinstance(answer.document, str):
            raise UnansweredError(f"{what}: HTTP {answer.status} and a body that is no JSON")
        if answer.status not in statuses:
            raise DiffersError(what, f"HTTP {' or '.join(map(str, statuses))}", f"HTTP {answer.status}")
        return answer.document

    def _patiently(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        answer = self._ask(method, path, data, headers)
        for _ in range(ATTEMPTS - 1):
            if answer.status != _LIMITED:
                break
            self._sleep(_wait(answer))
            answer = self._ask(method, path, data, headers)
        if answer.status == _LIMITED or answer.status >= _BROKEN_FROM or 300 <= answer.status < 400:
            raise UnansweredError(f"{method} {path.split('?')[0]}: HTTP {answer.status}")
        return answer

    def _ask(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            response = self._session.request(
                method,
                self._endpoint + path,
                data=data,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise UnansweredError(
                f"{method} {path}: Honeycomb can't be reached ({type(error).__name__})"
            ) from error
        return _answer(response)


def _wait(answer: Answer) -> float:
    reset = _RESET.search(answer.headers.get("ratelimit", ""))
    return min(WAIT_MAX_SECONDS, float(reset[1]) + 1 if reset else WAIT_SECONDS)


def _answer(response: requests.Response) -> Answer:
    body = response.content[:BODY_SHOWN_BYTES]
    try:
        document = json.loads(response.content) if response.content else None
    except ValueError:
        document = body.decode(errors="replace")
    kind = response.headers.get("content-type", "")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, kind, headers, response.content, document)
