"""The probe itself: a request to a harmless route, signed, and what the backend says it made of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import requests

from scripts.errors import OperatorError
from scripts.verify.probe import header
from xray import trace_header
from xray.names import from_xray_trace_id, to_xray_trace_id
from xray.trace_header import parse_trace_header

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

METHOD = "GET"
PATH = "/health"
"""Answers from memory, takes no part in anybody's business, and is sampled by no rule, see defaults.hcl."""
USER_AGENT = "cruddur-probe"
TIMEOUT_SECONDS = (3.0, 15.0)
_RANDOM_BYTES = 12


@dataclass(frozen=True)
class Sent:
    """What came of the request.

    ``trace_id`` is the one that the answer names (X-Ray's form), else the one that was sent. ``answer`` is
    None where the backend said nothing of the probe. ``ahead_seconds`` is how far the backend's clock is
    ahead of ours, to about a second, None where it doesn't tell. ``began`` is in epoch seconds, ``ended`` by
    the monotonic clock.
    """

    trace_id: str
    status: int
    location: str
    answer: header.Answer | None
    ahead_seconds: float | None
    began: float
    took_seconds: float
    ended: float


def send(address: str, api_key: str, *, clock: Callable[[], float] = time.time) -> Sent:
    """Send a probe that is signed with *api_key*, once. Raises OperatorError where nothing answers."""
    url, now = f"{address}{PATH}", clock()
    headers, trace_id = signed_headers(api_key, PATH, int(now))
    began = time.monotonic()
    try:
        with requests.get(
            url, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            ended = time.monotonic()
            told = answer.headers
            status = answer.status_code
    except requests.RequestException as error:
        raise OperatorError(
            f"{url} can't be reached ({type(error).__name__})",
            remedy="start it with `make backend`, or set BACKEND to its address",
        ) from error
    root = parse_trace_header(told.get(trace_header.HEADER_NAME, "")).trace_id
    return Sent(
        trace_id=trace_id if root is None else to_xray_trace_id(root),
        status=status,
        location=told.get("Location", ""),
        answer=header.read_answer(told.get(header.HEADER_NAME)),
        ahead_seconds=_ahead(told, now + (ended - began)),
        began=now,
        took_seconds=ended - began,
        ended=ended,
    )


def signed_headers(api_key: str, path: str, seconds: int) -> tuple[dict[str, str], str]:
    """Return a probe's headers and its trace's id; *path* is as the backend sees it."""
    trace_id = f"1-{seconds & 0xFFFFFFFF:08x}-{secrets.token_hex(_RANDOM_BYTES)}"
    nonce = secrets.token_hex(header.NONCE_BYTES)
    signed = header.signed(
        api_key,
        method=METHOD,
        path=path,
        trace_id=from_xray_trace_id(trace_id),
        seconds=seconds,
        nonce=nonce,
    )
    return {
        "User-Agent": USER_AGENT,
        # The decision is left open: nothing in this header asks for it.
        trace_header.HEADER_NAME: f"Root={trace_id}",
        header.HEADER_NAME: signed,
    }, trace_id


def _ahead(headers: Mapping[str, str], now: float) -> float | None:
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp() - now
    except (KeyError, ValueError, TypeError):
        return None
