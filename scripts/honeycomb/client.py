"""Requests to Honeycomb's API: one key, timeouts, and a bounded number of tries.

What may be repeated without harm is tried again after failures; the rest only where Honeycomb said that it
did nothing (429).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from scripts import secrets
from scripts.honeycomb import answers
from scripts.honeycomb.errors import HoneycombError, TooManyRequestsError, UnavailableError
from scripts.honeycomb.key import LOCAL_REMEDY, REMEDY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TRIES = 4
PAUSE_SECONDS = 0.5
WAIT_MAX_SECONDS = 75.0
KEY_HEADER = "X-Honeycomb-Team"
USER_AGENT = "cruddur-scripts"


@dataclass(frozen=True)
class Call:
    """One request: what it does, in words, and the permission that Honeycomb wants for it.

    `is_repeatable` tells that doing it twice harms nobody.
    """

    method: str
    path: str
    doing: str
    permission: str
    document: Mapping[str, Any] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = True


class Client:
    """Honeycomb's API at one endpoint, with one key; the key is in no text that it makes."""

    def __init__(
        self,
        endpoint: str,
        key: str,
        *,
        is_local: bool = False,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """*is_local* says whose endpoint it is, for remedies; *tell* gets a line where a wait begins."""
        secrets.remember(key)
        self.endpoint = endpoint.rstrip("/")
        self._remedy = (
            "run `make local-up`" if is_local else "check the network and the proxy, then try again"
        )
        self.key_remedy = LOCAL_REMEDY if is_local else REMEDY
        """What to do where the key is none that may ask."""

        self._tell = tell
        self._sleep = sleep
        self._session = requests.Session()
        self._session.headers.update({KEY_HEADER: key, "User-Agent": USER_AGENT})

    def ask(self, call: Call) -> Any:
        """Return the document that answers *call*, None for an empty answer. Raises HoneycombError."""
        until = time.monotonic() + WAIT_MAX_SECONDS
        for number in range(1, TRIES + 1):
            try:
                return self._once(call)
            except (TooManyRequestsError, UnavailableError) as problem:
                seconds = self._pause(call, problem, number)
                if seconds is None or time.monotonic() + seconds > until:
                    raise
                if seconds >= 1:
                    self._tell(f"{problem.message}: trying again in {seconds:.0f} s")
                self._sleep(seconds)
        raise AssertionError("the last try returns or raises")

    def _pause(self, call: Call, problem: HoneycombError, number: int) -> float | None:
        """Return for how long to wait after try *number*, None where it was the last."""
        if number == TRIES or not (call.is_repeatable or isinstance(problem, TooManyRequestsError)):
            return None
        return PAUSE_SECONDS * 2**number if problem.wait_seconds is None else problem.wait_seconds

    def _once(self, call: Call) -> Any:
        try:
            with self._session.request(
                call.method,
                self.endpoint + call.path,
                json=call.document,
                params=dict(call.parameters),
                timeout=answers.BOUNDS.timeouts,
                # The key goes to the endpoint that env.hcl names and to no other.
                allow_redirects=False,
                stream=True,
            ) as answer:
                status, headers, content = answer.status_code, answer.headers, answers.body(answer)
        except requests.RequestException as error:
            # Its text may hold what was sent; its kind is enough.
            raise UnavailableError(
                f"{self.endpoint} can't be reached ({call.doing}: {type(error).__name__})",
                remedy=self._remedy,
            ) from None
        if 200 <= status < 300:
            return answers.document(content, self.endpoint)
        if not 400 <= status < 600:
            raise answers.not_honeycomb(self.endpoint, f"it answers with HTTP {status}")
        raise answers.error(
            status,
            headers,
            content,
            doing=call.doing,
            permission=call.permission,
            key_remedy=self.key_remedy,
        )


def segment(text: str) -> str:
    """Return *text*, a slug or an id that Honeycomb gave, as one segment of a path."""
    return quote(text, safe="")
