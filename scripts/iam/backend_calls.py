"""The calls that the backend, and the daemon or collector beside it, were seen to make: backend_calls.json.

tests/end_to_end/test_access.py holds the list against what they call at the local cloud.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.iam.evaluation import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("backend_calls.json")


@dataclass(frozen=True)
class Place:
    """What the list leaves open. ``kms_key`` is an ARN; without a KMS key of ours nothing needs KMS."""

    partition: str
    region: str
    account_id: str
    parameter_path: str
    group_name: str
    log_group: str
    kms_key: str | None


def at(place: Place) -> list[Call]:
    """Return the calls as they are made at *place*."""
    names = asdict(place)
    context = {
        "aws:requestedregion": (place.region,),
        "aws:resourceaccount": (place.account_id,),
        "aws:principalaccount": (place.account_id,),
        "aws:securetransport": ("true",),
    }
    return [
        _call(document, names, context)
        for document in json.loads(FILE.read_text())
        if place.kms_key is not None or document["resource"] != "{kms_key}"
    ]


def _call(document: Mapping[str, Any], names: Mapping[str, Any], context: Mapping[str, Any]) -> Call:
    conditions = {
        operator: {key: tuple(value.format(**names) for value in values) for key, values in keys.items()}
        for operator, keys in document.get("conditions", {}).items()
    }
    own = {key: values for keys in conditions.values() for key, values in keys.items()}
    return Call(document["action"], document["resource"].format(**names), {**context, **own}, conditions)
