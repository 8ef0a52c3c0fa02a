"""The keys that the local Honeycomb knows: the one it was started with, and those that a test made."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from localcloud.honeycomb.errors import ControlError, ForbiddenError, UnauthorisedError
from localcloud.honeycomb.keys import (
    CREATE_DATASETS,
    DATASET_HEADER,
    ENVIRONMENT,
    EVENTS,
    KEY_HEADER,
    PERMISSIONS,
    Key,
    KeyType,
    digest,
)

MISSING_KEY = f"missing '{KEY_HEADER}' header"
MISSING_DATASET = f"missing '{DATASET_HEADER}' header"
UNKNOWN_KEY = "unknown API key - check your credentials, region, and API URL"
NOT_ALLOWED = "the API key lacks the permission to send events"

KEYS_MAX = 1_000
ENVIRONMENT_MAX_CHARACTERS = 255

_LOWER = string.ascii_lowercase + string.digits
_ANY = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_MEMBERS = ("type", "permissions", "environment")


class KeyRing:
    """Finds a key by its value. `default` can't be removed."""

    def __init__(self, default: Key) -> None:
        self._default = default
        self._keys = {default.digest: default}

    def find(self, presented: str | None) -> Key | None:
        """Return the key with this value; None for an unknown, an empty or no value."""
        return self._keys.get(digest(presented)) if presented else None

    def of_sender(self, presented: str | None, dataset: str | None) -> Key:
        """Return the key of a trace request.

        Raises:
            UnauthorisedError: with Honeycomb's text: no key, an unknown one, one for /2 alone, or one of
                Classic's shape without a dataset.
            ForbiddenError: the key may not send events.
        """
        if not presented:
            raise UnauthorisedError(MISSING_KEY)
        if not dataset and KeyType.of(presented) in (KeyType.CLASSIC, KeyType.CLASSIC_INGEST):
            raise UnauthorisedError(MISSING_DATASET)
        key = self.find(presented)
        if key is None or key.type is KeyType.MANAGEMENT:
            raise UnauthorisedError(UNKNOWN_KEY)
        if not key.allows(EVENTS):
            raise ForbiddenError(NOT_ALLOWED)
        return key

    def make(self, document: object) -> dict[str, Any]:
        """Make the key that a JSON document asks for; return it with its value, told this once.

        Raises:
            ControlError: the document asks for none, or 1,000 keys are there.
        """
        if not isinstance(document, Mapping) or not set(document) <= set(_MEMBERS):
            raise ControlError(f"keys: expected a JSON object with the members {', '.join(_MEMBERS)}")
        kind = _type(document)
        permissions = _permissions(document, kind)
        environment = document.get("environment", ENVIRONMENT)
        if not isinstance(environment, str) or not 0 < len(environment) <= ENVIRONMENT_MAX_CHARACTERS:
            raise ControlError("keys: environment: expected a text of 1 to 255 characters")
        if len(self._keys) >= KEYS_MAX:
            raise ControlError(f"keys: expected fewer than {KEYS_MAX} keys; remove some")
        value = _new_value(kind)
        key = Key(value, permissions, environment)
        self._keys[key.digest] = key
        return {**_shown(key), "key": value}

    def remove(self, key_id: str) -> dict[str, Any]:
        """Forget the key with this id, and return what it was.

        Raises:
            ControlError: there is none, or it is the one that the local Honeycomb was started with.
        """
        if key_id == self._default.id:
            raise ControlError("keys: the key that the local Honeycomb was started with stays")
        for key in self._keys.values():
            if key.id == key_id:
                del self._keys[key.digest]
                return _shown(key)
        raise ControlError("keys: no key has this id; `GET keys` lists them", 404)

    def describe(self) -> list[dict[str, Any]]:
        """Return what each key is and may do, never its value."""
        return [_shown(key) for key in self._keys.values()]


def _type(document: Mapping[str, Any]) -> KeyType:
    kind = document.get("type", KeyType.CONFIGURATION)
    if not isinstance(kind, str) or kind not in list(KeyType):
        raise ControlError(f"keys: type: expected one of {', '.join(KeyType)}")
    return KeyType(kind)


def _permissions(document: Mapping[str, Any], kind: KeyType) -> list[str] | None:
    names = document.get("permissions")
    if names is None:
        return None
    may = (CREATE_DATASETS,) if kind in (KeyType.INGEST, KeyType.CLASSIC_INGEST) else PERMISSIONS
    if not isinstance(names, list) or not all(isinstance(name, str) and name in may for name in names):
        raise ControlError(f"keys: permissions: expected a list of any of {', '.join(may)}")
    return names


def _new_value(kind: KeyType) -> str:
    match kind:
        case KeyType.INGEST:
            return "hcxik_" + _random(_LOWER, 58)
        case KeyType.CLASSIC_INGEST:
            return "hcxic_" + _random(_LOWER, 58)
        case KeyType.CLASSIC:
            return _random(_HEX, 32)
        case KeyType.MANAGEMENT:
            return f"hcxmk_{_random(_LOWER, 26)}:{_random(_LOWER, 32)}"
        case KeyType.CONFIGURATION:
            return _random(_ANY, 22)


def _random(alphabet: str, characters: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(characters))


def _shown(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "type": str(key.type),
        "permissions": sorted(key.permissions),
        "environment": key.environment,
    }
