"""Which key a command shows to Honeycomb's management API."""

from __future__ import annotations

from scripts import honeycomb_key, secrets
from scripts.errors import OperatorError

CONFIGURATION_KEY = (
    "a configuration key of this environment, made in Honeycomb under Environment Settings, API Keys, that "
    "may Manage Queries and Columns, Run Queries and Manage Public Boards"
)
_KINDS = ("configuration", "classic")


def find(environment_name: str) -> str:
    """Return the key for *environment_name*, checked for its shape.

    It comes from HONEYCOMB_API_KEY; for the local environment, where none is given, from the local cloud's
    own file. Raises OperatorError, which never shows the key, where there is none, or one that by its shape
    can't ask anything.
    """
    key = secrets.handed_over()
    if environment_name == "local":
        # The local Honeycomb's key may do everything, whatever its shape.
        return honeycomb_key.stored() if key is None else honeycomb_key.check(key)
    if key is None:
        raise _unusable("is not set, and Honeycomb answers nobody without a key")
    kind = honeycomb_key.kind(key)
    if kind is None:
        raise _unusable(f"is no configuration key by its shape ({len(key)} characters)")
    if kind not in _KINDS:
        raise _unusable(f"holds an {kind.removeprefix('classic ')} key, which can only send events")
    return key


def _unusable(why: str) -> OperatorError:
    return OperatorError(f"{secrets.KEY_VARIABLE} {why}", remedy=f"set it to {CONFIGURATION_KEY}")
