"""What can go wrong with Honeycomb's API, each with what to do about it.

HoneycombError
    Base: not done; an OperatorError, so that a command ends with 2 and one line.
    UnknownKeyError: 401, Honeycomb doesn't know the key.
    NotAllowedError: 403, the key, or the team's plan, doesn't allow it.
    NotFoundError: 404.
    RefusedError: any other 4xx; Honeycomb says what is wrong with the request.
    TooManyRequestsError: 429, still so after waiting.
    UnavailableError: 5xx, or nothing answers, after trying again.
    NotHoneycombError: what answers is not Honeycomb's API.
"""

from __future__ import annotations

from scripts.errors import OperatorError


class HoneycombError(OperatorError):
    """Honeycomb did not do what it was asked for; ``wait_seconds`` is how long it asks to wait, if so."""

    wait_seconds: float | None = None


class UnknownKeyError(HoneycombError):
    """Honeycomb doesn't know the key (401)."""


class NotAllowedError(HoneycombError):
    """The key, or the plan, doesn't allow it (403)."""


class NotFoundError(HoneycombError):
    """There is no such thing (404)."""


class RefusedError(HoneycombError):
    """The request is wrong (4xx)."""


class TooManyRequestsError(HoneycombError):
    """Too many requests, also after waiting (429)."""


class UnavailableError(HoneycombError):
    """Honeycomb fails or doesn't answer, also after trying again."""


class NotHoneycombError(HoneycombError):
    """What answers there is something else."""
