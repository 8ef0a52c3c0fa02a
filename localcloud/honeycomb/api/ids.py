"""Ids in the shapes of Honeycomb's."""

import hashlib
import secrets

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CHARACTERS = 11
ID_MAX_CHARACTERS = 100
"""Of an id that a body names; ours."""
_MARKER_BYTES = 4


def new_id() -> str:
    """Return a new id of 11 characters, such as `mabAMpSPDjH`."""
    return "".join(secrets.choice(_BASE58) for _ in range(_CHARACTERS))


def new_marker_id() -> str:
    """Return a new id of a marker, such as `d1c84ec0`."""
    return secrets.token_hex(_MARKER_BYTES)


def id_of(*names: str) -> str:
    """Return the id that these names always have."""
    number = int.from_bytes(hashlib.sha256("\0".join(names).encode()).digest())
    characters = []
    for _ in range(_CHARACTERS):
        number, digit = divmod(number, len(_BASE58))
        characters.append(_BASE58[digit])
    return "".join(characters)
