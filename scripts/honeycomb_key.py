"""What a Honeycomb key looks like, and where a command takes it from.

Shapes: docs.honeycomb.io/api/authentication; libhoney-py, libhoney/client.py.
"""

from __future__ import annotations

import re

from scripts import paths, secrets
from scripts.errors import OperatorError

_SHAPES = {
    "ingest": re.compile(r"hc[a-z]ik_[A-Za-z0-9]{58}"),
    "classic ingest": re.compile(r"hc[a-z]ic_[A-Za-z0-9]{58}"),
    "configuration": re.compile(r"[A-Za-z0-9]{22}"),
    "classic": re.compile(r"[0-9a-f]{32}"),
}
_MANAGEMENT = re.compile(r"hc[a-z]?mk_")
_EXPECTED = "an ingest key (hc?ik_ and 58 characters) or a configuration key (22 characters)"


def kind(key: str) -> str | None:
    """Return what kind of key *key* is by its shape, or None where it has none that Honeycomb gives out."""
    return next((name for name, shape in _SHAPES.items() if shape.fullmatch(key)), None)


def is_surely_one(text: str) -> bool:
    """Tell whether *text* is an ingest, classic or management key: no name has such a shape.

    A configuration key's 22 characters might be a name.
    """
    bare = text.strip()
    return bool(_MANAGEMENT.match(bare)) or kind(bare) in {"ingest", "classic ingest", "classic"}


def check(key: str, variable: str = secrets.KEY_VARIABLE) -> str:
    """Return *key*, of *variable*.

    Raises OperatorError, which never shows the key, where it has no key's shape.
    """
    if _MANAGEMENT.match(key):
        raise OperatorError(
            f"{variable} holds a management key, which can't send events",
            remedy=f"make an ingest key in Honeycomb's environment settings; expected is {_EXPECTED}",
        )
    if kind(key) is None:
        raise OperatorError(
            f"{variable} is malformed ({len(key)} characters)",
            remedy=f"expected is {_EXPECTED}; copy it anew from Honeycomb's environment settings",
        )
    return key


def find(environment_name: str) -> str:
    """Return the key for *environment_name*, checked for its shape.

    It comes from HONEYCOMB_API_KEY; for the local environment, where none is given, from the local cloud's
    own file. Raises OperatorError where there is none or it is malformed.
    """
    key = secrets.handed_over()
    if key is not None:
        return check(key)
    if environment_name == "local":
        return stored()
    raise OperatorError(
        f"{secrets.KEY_VARIABLE} is not set, and the honeycomb-key unit writes that key",
        remedy=f"export {secrets.KEY_VARIABLE}, or name another unit, as in UNIT=xray",
    )


def stored() -> str:
    """Return the local Honeycomb's key from ``.local/honeycomb-key``.

    Raises OperatorError where the file is missing or holds no key.
    """
    file = paths.local_folder() / "honeycomb-key"
    try:
        key = file.read_text().strip()
    except OSError as error:
        raise OperatorError(
            f"{paths.shown(file)} can't be read ({error.strerror})", remedy="run `make local-up`"
        ) from error
    secrets.remember(key)
    if kind(key) is None:
        raise OperatorError(
            f"{paths.shown(file)} holds no Honeycomb key",
            remedy="run `make local-down`, then `make local-up`",
        )
    return key
