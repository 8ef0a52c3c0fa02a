"""What no block holds: user, annotations (indexed) and metadata (kept)."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.tracing.translation.values import json_value, short_text
from xray.names import (
    ANNOTATION_KEY_MAX_CHARACTERS,
    ANNOTATION_VALUE_MAX_CHARACTERS,
    ANNOTATIONS_MAX_PER_TRACE,
)

DEFAULT_NAMESPACE = "default"
METADATA_PREFIX = "aws.xray.metadata."
ANNOTATIONS_ATTRIBUTE = "aws.xray.annotations"
USER_ATTRIBUTE = "enduser.id"
_RESERVED_NAMESPACE = "AWS."
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_.]")


@dataclass(slots=True)
class Leftovers:
    """The three places for what no block holds."""

    user: str | None
    annotations: dict[str, str | int | float | bool]
    metadata: dict[str, dict[str, Any]]


def place(
    attributes: dict[str, Any],
    resource: Mapping[str, Any],
    *,
    indexed_attributes: Collection[str],
    index_all: bool,
) -> Leftovers:
    """Sort what is left into user, annotations and metadata.

    `resource` holds the prefixed attributes of the resource, empty for a subsegment. An indexed attribute
    that is no string, number or boolean goes nowhere, as in the Collector; one for which X-Ray has no room
    as an annotation (51st, too long) is kept as metadata.
    """
    user = attributes.pop(USER_ATTRIBUTE, None)
    indexed = indexed_attributes
    named = attributes.pop(ANNOTATIONS_ATTRIBUTE, None)
    if isinstance(named, list | tuple):
        indexed = {*indexed_attributes, *(key for key in named if isinstance(key, str))}
    sorter = _Sorter()
    default = sorter.default
    if index_all or not resource.keys().isdisjoint(indexed):
        for key, value in resource.items():
            if not ((index_all or key in indexed) and _is_scalar(value) and sorter.annotate(key, value)):
                default[key] = value
    else:
        default.update(resource)
    for key, value in attributes.items():
        if index_all or key in indexed:
            if _is_scalar(value) and not sorter.annotate(key, value):
                default[key] = json_value(value)
        elif value.__class__ is str and not key.startswith(METADATA_PREFIX):
            default[key] = value
        elif not (key.startswith(METADATA_PREFIX) and sorter.spread(key, value)):
            default[key] = json_value(value)
    return Leftovers(None if user is None else short_text(user), sorter.annotations, sorter.metadata())


class _Sorter:
    def __init__(self) -> None:
        self.annotations: dict[str, str | int | float | bool] = {}
        self.default: dict[str, Any] = {}
        self._named: dict[str, dict[str, Any]] = {}

    def annotate(self, key: str, value: Any) -> bool:
        """Make an annotation; False where X-Ray has no room for it."""
        key = clean_key(key)
        if not 1 <= len(key) <= ANNOTATION_KEY_MAX_CHARACTERS:
            return False
        if key not in self.annotations and len(self.annotations) >= ANNOTATIONS_MAX_PER_TRACE:
            return False
        if isinstance(value, str) and len(value) > ANNOTATION_VALUE_MAX_CHARACTERS:
            return False
        if isinstance(value, int | float) and json_value(value) is not value:
            return False
        self.annotations[key] = value
        return True

    def spread(self, key: str, value: Any) -> bool:
        """Take `aws.xray.metadata.<namespace>`, which holds a JSON object; False where it doesn't."""
        namespace = key.removeprefix(METADATA_PREFIX)
        if not namespace or namespace.startswith(_RESERVED_NAMESPACE) or not isinstance(value, str):
            return False
        try:
            content = json.loads(value)
        except (ValueError, RecursionError):
            return False
        if not isinstance(content, dict):
            return False
        content = json_value(content)
        if namespace.lower() == DEFAULT_NAMESPACE:
            self.default.update(content)
        else:
            self._named[namespace] = content
        return True

    def metadata(self) -> dict[str, dict[str, Any]]:
        return {**self._named, DEFAULT_NAMESPACE: self.default} if self.default else self._named


@lru_cache(maxsize=4096)
def clean_key(key: str) -> str:
    """Return an attribute's name as annotations may be called, whatever its length."""
    return _NOT_IN_KEYS.sub("_", key)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool)
