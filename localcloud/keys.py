"""The local Honeycomb's API key: made in memory, or kept in a file that only its owner reads."""

import os
import secrets
import string
from pathlib import Path

from localcloud.errors import HoneycombKeyError

KEY_PREFIX = "hcaik_"
KEY_RANDOM_CHARACTERS = 58
FILE_MODE = 0o600
_ALPHABET = string.ascii_lowercase + string.digits


def make_key() -> str:
    """Return a new key in the form of Honeycomb's ingest keys."""
    return KEY_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(KEY_RANDOM_CHARACTERS))


def load_key(path: Path | None) -> str:
    """Return the key in `path`, made where the file doesn't exist; without a path, a key of this process.

    Raises:
        HoneycombKeyError: the file can't be read or written, or holds no key.
    """
    if path is None:
        return make_key()
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    try:
        return _write(path)
    except OSError as error:
        raise HoneycombKeyError(
            f"the Honeycomb key can't be written to {path}: {error.strerror};"
            " choose another --honeycomb-key-file"
        ) from error


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise HoneycombKeyError(
            f"the Honeycomb key can't be read from {path}: {error}; remove the file to have a new one made"
        ) from error
    if not key or not key.isprintable() or " " in key:
        raise HoneycombKeyError(
            f"{path} holds no Honeycomb key: expected one line; remove the file to have a new one made"
        )
    return key


def _write(path: Path) -> str:
    key = make_key()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    return key
