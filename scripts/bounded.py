"""One HTTP request whose answer is bounded as a whole: in bytes, and in time from name look-up to last byte.

The timeouts of requests are for each wait by itself, so that who drips, even within the headers, could hold a
command for ever.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIECE_BYTES = 65_536


@dataclass(frozen=True)
class Bounds:
    """What an answer may take: `timeouts` are for connecting and for each wait, as requests has them."""

    max_bytes: int
    max_seconds: float
    timeouts: tuple[float, float]


@dataclass(frozen=True)
class Answer:
    """A whole answer; `location` is where it redirects to, empty where it doesn't."""

    status: int
    body: bytes
    location: str = ""


class EndlessError(requests.RequestException):
    """The answer is longer, or takes longer, than it may; the text says which."""


def ask(
    method: str,
    url: str,
    bounds: Bounds,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    trust_env: bool = True,
) -> Answer:
    """Return the answer; no redirect is followed. Without *trust_env* no proxy and no .netrc is used.

    Raises requests.RequestException, EndlessError being one, and ValueError for what can't be sent.
    """
    until = time.monotonic() + bounds.max_seconds
    asked: Future[Answer] = Future()

    def work() -> None:
        try:
            with requests.Session() as session:
                session.trust_env = trust_env
                with session.request(
                    method,
                    url,
                    headers=dict(headers or {}),
                    data=body,
                    timeout=bounds.timeouts,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    location = answer.headers["Location"] if answer.is_redirect else ""
                    asked.set_result(Answer(answer.status_code, read_body(answer, bounds, until), location))
        except Exception as error:  # noqa: BLE001 - raised below, for the caller
            asked.set_exception(error)

    # Whoever drips headers keeps this thread; as a daemon it keeps nobody.
    Thread(target=work, daemon=True).start()
    try:
        return asked.result(timeout=bounds.max_seconds)
    except TimeoutError:
        raise _late(bounds) from None


def read_body(answer: requests.Response, bounds: Bounds, until: float) -> bytes:
    """Return the body of a streamed answer, whole before *until* (monotonic seconds).

    Raises EndlessError, and requests.ConnectionError where it breaks off.
    """
    body = bytearray()
    try:
        while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
            body += piece
            if len(body) > bounds.max_bytes:
                raise EndlessError(f"more than {bounds.max_bytes} bytes")
            if time.monotonic() > until:
                raise _late(bounds)
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
    return bytes(body)


def _late(bounds: Bounds) -> EndlessError:
    return EndlessError(f"not whole within {bounds.max_seconds:g} s")
