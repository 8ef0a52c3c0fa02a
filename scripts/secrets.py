"""The one secret that operators hand over, the Honeycomb key, and how it is kept out of sight.

``withdraw`` takes it out of the process's environment before any child exists; ``scrub`` replaces it in
all that is printed, children's output included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

KEY_VARIABLE = "HONEYCOMB_API_KEY"
TERRAFORM_VARIABLE = "TF_VAR_honeycomb_api_key"
REPLACEMENT = "[secret]"

_SHORTEST = 8
_known: set[str] = set()
_handed_over: list[str] = []


def withdraw(environment: MutableMapping[str, str]) -> None:
    """Remove the key from *environment* (both names) and keep it for ``handed_over``."""
    environment.pop(TERRAFORM_VARIABLE, None)
    key = environment.pop(KEY_VARIABLE, "").strip()
    _handed_over.clear()
    if key:
        remember(key)
        _handed_over.append(key)


def handed_over() -> str | None:
    """Return the key that the caller's environment held, or None."""
    return _handed_over[0] if _handed_over else None


def remember(secret: str) -> None:
    """Have *secret* replaced wherever ``scrub`` meets it.

    Whitespace around it is no part of it: some readers keep it, others don't. What is shorter than 8
    characters is no key, and replacing it would make the output unreadable.
    """
    secret = secret.strip()
    if len(secret) >= _SHORTEST:
        _known.add(secret)


def scrub(text: str) -> str:
    """Return *text* with every known secret replaced; the longest first, so that none leaves a rest."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, REPLACEMENT)
    return text
