"""The secrets that operators hand over, Honeycomb's keys, and how they are kept out of sight.

``withdraw`` takes them out of the process's environment before any child exists; ``scrub`` replaces it in
all that is printed, children's output included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

KEY_VARIABLE = "HONEYCOMB_API_KEY"
"""The key that the backend sends with, which goes to SSM."""
CONFIGURATION_VARIABLE = "HONEYCOMB_CONFIGURATION_KEY"
"""The key that commands ask Honeycomb with, which goes nowhere else."""
TERRAFORM_VARIABLE = "TF_VAR_honeycomb_api_key"
REPLACEMENT = "[secret]"
_MAKES_FLAGS = ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES")

_SHORTEST = 8
_known: set[str] = set()
_handed_over: dict[str, str] = {}


def withdraw(environment: MutableMapping[str, str]) -> None:
    """Remove the keys from *environment* and keep them for ``handed_over`` and ``to_ask_with``.

    What make was given on its command line stands in its flags too.
    """
    for variable in (TERRAFORM_VARIABLE, *_MAKES_FLAGS):
        environment.pop(variable, None)
    _handed_over.clear()
    for variable in (KEY_VARIABLE, CONFIGURATION_VARIABLE):
        key = environment.pop(variable, "").strip()
        if key:
            remember(key)
            _handed_over[variable] = key


def handed_over() -> str | None:
    """Return the key to send with that the caller's environment held, or None."""
    return _handed_over.get(KEY_VARIABLE)


def to_ask_with(*, local: bool) -> tuple[str, str] | None:
    """Return the key to ask Honeycomb with, behind the name of its variable; None where none was given.

    A configuration key can also send, so that one may serve for both. A real one is not shown to the *local*
    Honeycomb.
    """
    for variable in (KEY_VARIABLE,) if local else (CONFIGURATION_VARIABLE, KEY_VARIABLE):
        if variable in _handed_over:
            return variable, _handed_over[variable]
    return None


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
