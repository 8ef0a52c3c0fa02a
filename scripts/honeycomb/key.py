"""Which key a command shows to Honeycomb's management API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts import honeycomb_key, secrets
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIGURATION_KEY = (
    "a configuration key of this environment, made in Honeycomb under Environment Settings, API Keys, that "
    "may Manage Queries and Columns, Run Queries, Manage Public Boards and Manage Markers"
)
REMEDY = f"set {secrets.CONFIGURATION_VARIABLE} to {CONFIGURATION_KEY}"
LOCAL_REMEDY = f"unset {secrets.KEY_VARIABLE}: the local Honeycomb has a key of its own"
_KINDS = ("configuration", "classic")


def find(environment_name: str) -> str:
    """Return the key for *environment_name*, checked for its shape.

    It comes from HONEYCOMB_CONFIGURATION_KEY, else from HONEYCOMB_API_KEY; for the local environment from the
    latter alone, else from the local cloud's own file. Raises OperatorError, which never shows the key, where
    there is none, or one that by its shape can't ask anything.
    """
    if environment_name == "local":
        # The local Honeycomb's key may do everything, whatever its shape.
        own = secrets.handed_over()
        return honeycomb_key.stored() if own is None else honeycomb_key.check(own)
    given = secrets.to_ask_with(local=False)
    if given is None:
        raise _unusable(
            secrets.CONFIGURATION_VARIABLE, "is not set, and Honeycomb answers nobody without a key"
        )
    variable, key = given
    kind = honeycomb_key.kind(key)
    if kind is None:
        raise _unusable(variable, f"is no configuration key by its shape ({len(key)} characters)")
    if kind not in _KINDS:
        raise _unusable(variable, f"holds an {kind.removeprefix('classic ')} key, which can only send events")
    return key


def require_environment(own: str, settings: Mapping[str, Any]) -> None:
    """Raise OperatorError where *settings* name another environment of Honeycomb than *own*, the key's."""
    wanted = str(settings.get("honeycomb_environment") or "")
    if wanted not in {"", own}:
        raise OperatorError(
            f"the key is of Honeycomb's environment {own!r}, and honeycomb_environment is {wanted!r}",
            remedy=f"set {secrets.CONFIGURATION_VARIABLE} to a key of {wanted}",
        )


def _unusable(variable: str, why: str) -> OperatorError:
    return OperatorError(f"{variable} {why}", remedy=REMEDY)
