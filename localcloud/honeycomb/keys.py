"""Honeycomb's API keys: their kinds, and the check of the one key that the local Honeycomb knows.

Shapes: docs.honeycomb.io/api/authentication, honeycombio/husky otlp/common.go.
"""

import hashlib
import hmac
import re
from typing import Any

from localcloud.honeycomb.errors import UnauthorisedError

KEY_HEADER = "x-honeycomb-team"
DATASET_HEADER = "x-honeycomb-dataset"
KEY_ID_MAX_CHARACTERS = 22

MISSING_KEY = f"missing '{KEY_HEADER}' header"
MISSING_DATASET = f"missing '{DATASET_HEADER}' header"
UNKNOWN_KEY = "unknown API key - check your credentials, region, and API URL"

_INGEST = re.compile(r"hc[a-z]ik_[0-9a-z]{58}")
_CLASSIC_INGEST = re.compile(r"hc[a-z]ic_[0-9a-z]{58}")
_CLASSIC = re.compile(r"[0-9a-f]{32}")
_CONFIGURATION_ACCESS = (
    "events",
    "markers",
    "triggers",
    "boards",
    "queries",
    "columns",
    "createDatasets",
    "slos",
    "recipients",
    "privateBoards",
)


def is_classic(key: str) -> bool:
    """Whether `key` has the shape of a Classic key, with which every trace request must name a dataset."""
    return bool(_CLASSIC.fullmatch(key) or _CLASSIC_INGEST.fullmatch(key))


class Key:
    """The accepted key; its value leaves this object in no way."""

    def __init__(self, value: str) -> None:
        if not value:
            raise ValueError("the local Honeycomb's key is empty: expected hcaik_ and 58 of [a-z0-9]")
        self._digest = hashlib.sha256(value.encode()).digest()
        self.is_classic = is_classic(value)
        self.is_ingest = bool(_INGEST.fullmatch(value) or _CLASSIC_INGEST.fullmatch(value))
        # An ingest key begins with its public id; other keys are secret as a whole.
        self.id = value[:KEY_ID_MAX_CHARACTERS] if self.is_ingest else f"hcalk_{self._digest.hex()[:26]}"

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"

    def accepts(self, presented: str) -> bool:
        """Whether `presented` is this key, compared in constant time."""
        return hmac.compare_digest(self._digest, hashlib.sha256(presented.encode()).digest())

    def check_traces(self, presented: str | None, dataset: str | None) -> None:
        """Raise UnauthorisedError, with Honeycomb's text, unless a trace request may be taken."""
        if not presented:
            raise UnauthorisedError(MISSING_KEY)
        if is_classic(presented) and not dataset:
            raise UnauthorisedError(MISSING_DATASET)
        if not self.accepts(presented):
            raise UnauthorisedError(UNKNOWN_KEY)

    def describe(self) -> dict[str, Any]:
        """Return what `GET /1/auth` says about this key (reference: Honeycomb API, Get Auth)."""
        access = ("createDatasets",) if self.is_ingest else _CONFIGURATION_ACCESS
        name = "" if self.is_classic else "local"
        return {
            "id": self.id,
            "type": "ingest" if self.is_ingest else "configuration",
            "api_key_access": dict.fromkeys(access, True),
            "environment": {"name": name, "slug": name},
            "team": {"name": "local", "slug": "local"},
        }
