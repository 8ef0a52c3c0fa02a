"""Honeycomb's API keys: their kinds and shapes, and what each may do.

Shapes: docs.honeycomb.io/api/authentication, Honeycomb's API description (securitySchemes), honeycombio/husky
otlp/common.go.
"""

import hashlib
import re
import time
from collections.abc import Collection
from enum import StrEnum
from typing import Any

from localcloud.honeycomb.datasets import dataset_slug

KEY_HEADER = "x-honeycomb-team"
DATASET_HEADER = "x-honeycomb-dataset"
KEY_ID_CHARACTERS = 32
"""`hcxik_` and 26 more; the secret follows (reference: Honeycomb API, Get Auth and Create an API Key)."""

TEAM = "local"
ENVIRONMENT = "local"

EVENTS = "events"
MARKERS = "markers"
BOARDS = "boards"
QUERIES = "queries"
"""To run queries."""
COLUMNS = "columns"
"""To manage queries and columns."""
CREATE_DATASETS = "createDatasets"
PERMISSIONS = (
    EVENTS,
    MARKERS,
    "triggers",
    BOARDS,
    QUERIES,
    COLUMNS,
    CREATE_DATASETS,
    "slos",
    "recipients",
    "privateBoards",
)
"""Of a configuration key, named as `GET /1/auth` names them."""

_INGEST = re.compile(r"hc[a-z]ik_[0-9a-z]{58}")
_CLASSIC_INGEST = re.compile(r"hc[a-z]ic_[0-9a-z]{58}")
_CLASSIC = re.compile(r"[0-9a-f]{32}")
_MANAGEMENT = re.compile(r"(hc[a-z]mk_[0-9a-z]{26}):([0-9a-zA-Z]{32})")


class KeyType(StrEnum):
    """What a key is for; its value's shape tells."""

    INGEST = "ingest"
    CLASSIC_INGEST = "classic_ingest"
    CONFIGURATION = "configuration"
    CLASSIC = "classic"
    MANAGEMENT = "management"

    @classmethod
    def of(cls, value: str) -> "KeyType":
        """Return the type of the key with this value."""
        for kind, shape in (
            (cls.INGEST, _INGEST),
            (cls.CLASSIC_INGEST, _CLASSIC_INGEST),
            (cls.CLASSIC, _CLASSIC),
            (cls.MANAGEMENT, _MANAGEMENT),
        ):
            if shape.fullmatch(value):
                return kind
        return cls.CONFIGURATION


def digest(value: str) -> bytes:
    """Return what a key is known by: SHA-256 of its value, so that looking it up tells nothing of it."""
    return hashlib.sha256(value.encode()).digest()


class Key:
    """A key and what it may do; its value leaves this object in no way.

    `permissions` are those of `PERMISSIONS`; without them an ingest key may create datasets, and any other
    key may do everything. `environment` is a name only: all keys see the same data.
    """

    def __init__(
        self, value: str, permissions: Collection[str] | None = None, environment: str = ENVIRONMENT
    ) -> None:
        if not value:
            raise ValueError("the local Honeycomb's key is empty: expected hcaik_ and 58 of [a-z0-9]")
        self.digest = digest(value)
        self.created_ns = time.time_ns()
        self.type = KeyType.of(value)
        self.is_classic = self.type in (KeyType.CLASSIC, KeyType.CLASSIC_INGEST)
        self.is_ingest = self.type in (KeyType.INGEST, KeyType.CLASSIC_INGEST)
        if permissions is None:
            permissions = (CREATE_DATASETS,) if self.is_ingest else PERMISSIONS
        self.permissions = frozenset(permissions)
        self.environment = "" if self.is_classic else environment
        # Ingest and management keys begin with their public id; other keys are secret as a whole.
        public = self.is_ingest or self.type is KeyType.MANAGEMENT
        self.id = value[:KEY_ID_CHARACTERS] if public else f"hcxlk_{self.digest.hex()[:26]}"

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"

    def allows(self, permission: str) -> bool:
        """Whether the key has `permission`; an ingest key may always send events."""
        return permission in self.permissions or (self.is_ingest and permission == EVENTS)

    def may(self, permissions: Collection[str]) -> bool:
        """Whether the key may call what needs these permissions.

        A usual ingest key may only send, and create datasets by sending: none of the management API.
        """
        sends_only = self.is_ingest and self.permissions <= {CREATE_DATASETS}
        if sends_only:
            return set(permissions) <= {EVENTS}
        return all(self.allows(permission) for permission in permissions)

    def describe(self) -> dict[str, Any]:
        """Return what `GET /1/auth` says about this key (reference: Honeycomb API, Get Auth)."""
        shown = [
            name
            for name in PERMISSIONS
            if not self.is_ingest or name == CREATE_DATASETS or name in self.permissions
        ]
        return {
            "id": self.id,
            "type": str(KeyType.INGEST if self.is_ingest else KeyType.CONFIGURATION),
            "api_key_access": {name: name in self.permissions for name in shown},
            "environment": {"name": self.environment, "slug": dataset_slug(self.environment)},
            "team": {"name": TEAM, "slug": TEAM},
        }
