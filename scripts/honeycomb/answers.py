"""Honeycomb's answers: read within bounds, and turned into a document or the error that they stand for."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from scripts import bounded
from scripts.honeycomb.errors import (
    HoneycombError,
    NotAllowedError,
    NotFoundError,
    NotHoneycombError,
    RefusedError,
    TooManyRequestsError,
    UnavailableError,
    UnknownKeyError,
)
from scripts.honeycomb.key import REMEDY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

BOUNDS = bounded.Bounds(32 * 1024 * 1024, 60.0, (5.0, 20.0))
WORDS_MAX_CHARACTERS = 400


def body(answer: requests.Response) -> bytes:
    """Return the whole body. Raises NotHoneycombError beyond 32 MiB or a minute."""
    try:
        return bounded.read_body(answer, BOUNDS, time.monotonic() + BOUNDS.max_seconds)
    except bounded.EndlessError as error:
        raise NotHoneycombError(
            f"the answer to {answer.url} is endless: {error}",
            remedy="check honeycomb_endpoint in env.hcl, or ask for less with SINCE",
        ) from None


def document(content: bytes, endpoint: str) -> Any:
    """Return *content* as JSON, None where it is empty. Raises NotHoneycombError where it is none."""
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise not_honeycomb(endpoint, "its answer is no JSON") from error


def not_honeycomb(endpoint: str, why: str) -> NotHoneycombError:
    """Return the error for an answer that Honeycomb doesn't give."""
    return NotHoneycombError(
        f"what answers at {endpoint} is not Honeycomb's API ({why})",
        remedy="check honeycomb_endpoint in env.hcl, and the proxy",
    )


def error(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    doing: str,
    permission: str,
    key_remedy: str = REMEDY,
) -> HoneycombError:
    """Return what an answer of *status* means for *doing*, which needs the key to have *permission*.

    *key_remedy* is what to do where Honeycomb doesn't know the key.
    """
    problem = _error(status, content, doing, permission, key_remedy)
    problem.wait_seconds = wait_seconds(headers)
    return problem


def _error(status: int, content: bytes, doing: str, permission: str, key_remedy: str) -> HoneycombError:
    said = f"{doing}: HTTP {status}{_in_brackets(words(content))}"
    if status == 401:
        return UnknownKeyError(f"Honeycomb doesn't take the key ({said})", remedy=key_remedy)
    if status == 403:
        return NotAllowedError(
            f"Honeycomb doesn't allow this ({said})",
            remedy=f"give the key the permission {permission}, under Environment Settings, API Keys; a key "
            "that only sends events can't have it",
        )
    if status == 404:
        return NotFoundError(
            f"Honeycomb hasn't got that ({said})", remedy="look at the data set's name and its columns"
        )
    if status == 429:
        return TooManyRequestsError(
            f"Honeycomb has had too many requests ({said})", remedy="wait a minute, then run it again"
        )
    if 400 <= status < 500:
        return RefusedError(f"Honeycomb refuses the request ({said})", remedy="correct what it names")
    return UnavailableError(
        f"Honeycomb fails ({said})", remedy="run it again; status.honeycomb.io says whether others see it"
    )


def words(content: bytes) -> str:
    """Return what an error's body says, in one line: ``error``, then each field's description."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    parts = [str(told[name]) for name in ("error", "detail") if told.get(name)]
    details = told.get("type_detail")
    parts += [
        f"{detail.get('field', '')}: {detail.get('description', '')}".strip(": ")
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict)
    ]
    return " ".join("; ".join(dict.fromkeys(parts)).split())[:WORDS_MAX_CHARACTERS]


def wait_seconds(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return for how long a 429 asks to wait, None where it doesn't say.

    ``Retry-After`` is an HTTP date or seconds; ``RateLimit`` has ``reset=<seconds>``. Source:
    docs.honeycomb.io, api/rate-limit.
    """
    after = headers.get("Retry-After", "").strip()
    if after.isascii() and after.isdigit() and len(after) < 10:
        return float(after)
    if after:
        try:
            at = parsedate_to_datetime(after)
        except (ValueError, TypeError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
    for part in headers.get("RateLimit", "").split(","):
        name, _, value = part.strip().partition("=")
        if name == "reset" and value.isascii() and value.isdigit() and len(value) < 10:
            return float(value)
    return None


def _in_brackets(text: str) -> str:
    return f", {text}" if text else ""
