"""A quick look at segment documents: most are sound, and every one that arrives is looked at."""

from collections.abc import Callable, Mapping
from typing import Any

from xray.names import ANNOTATION_VALUE_MAX_CHARACTERS, is_entity_id, is_trace_id, is_valid_segment_name
from xray.segment_fields import (
    CAUSE,
    ENTITY,
    FLAGS,
    NAMESPACES,
    RESERVED_NAMESPACE,
    SUBSEGMENT_DEPTH_MAX,
    Fields,
    Kind,
    is_annotation_key,
    is_time,
)

_Holds = Callable[[Any], bool]


def _whether(wanted: "Kind | Fields | list[Fields]") -> _Holds:
    """Return the test for what `_problems` finds nothing in."""
    if isinstance(wanted, Kind):
        return wanted.holds
    if isinstance(wanted, list):
        each = _whether(wanted[0])
        return lambda items: isinstance(items, list) and all(map(each, items))
    fields = {name: _whether(inner) for name, inner in wanted.items()}

    def holds(block: Any) -> bool:
        if not isinstance(block, dict):
            return False
        for name, value in block.items():
            test = fields.get(name)
            if test is not None and not test(value):
                return False
        return True

    return holds


_cause_fields_hold = _whether(CAUSE)


def _cause_holds(cause: Any) -> bool:
    if not isinstance(cause, dict):
        return is_entity_id(cause)
    return _cause_fields_hold(cause) and all("id" in exception for exception in cause.get("exceptions", ()))


def _annotations_hold(annotations: Any) -> bool:
    if not isinstance(annotations, dict):
        return False
    for key, value in annotations.items():
        if not is_annotation_key(key) or not isinstance(value, str | int | float):
            return False
        if isinstance(value, str) and len(value) > ANNOTATION_VALUE_MAX_CHARACTERS:
            return False
    return True


def _metadata_holds(metadata: Any) -> bool:
    if not isinstance(metadata, dict):
        return False
    for namespace, content in metadata.items():
        if not isinstance(content, dict):
            return False
        if not isinstance(namespace, str) or namespace.startswith(RESERVED_NAMESPACE):
            return False
    return True


_TESTS: Mapping[str, _Holds] = {
    **{name: _whether(wanted) for name, wanted in ENTITY.items()},
    **{key: (lambda value: value is True or value is False) for key in FLAGS},
    "trace_id": is_trace_id,
    "id": is_entity_id,
    "parent_id": is_entity_id,
    "name": lambda name: isinstance(name, str) and is_valid_segment_name(name),
    "start_time": is_time,
    "end_time": is_time,
    "cause": _cause_holds,
    "annotations": _annotations_hold,
    "metadata": _metadata_holds,
    "namespace": lambda namespace: isinstance(namespace, str) and namespace in NAMESPACES,
}


def is_sound(document: object) -> bool:
    """Tell, in a quarter of the time, that there is no problem; False says only that it has to be looked for.

    It looks at the keys that are there, where the list of problems goes through all that could be.
    """
    if not isinstance(document, dict) or "trace_id" not in document:
        return False
    if "type" in document and (document["type"] != "subsegment" or "parent_id" not in document):
        return False
    return _is_sound_entity(document, 0)


def _is_sound_entity(entity: object, depth: int) -> bool:
    if not isinstance(entity, dict):
        return False
    for key, value in entity.items():
        test = _TESTS.get(key)
        if test is not None and not test(value):
            return False
    if "id" not in entity or "name" not in entity or "start_time" not in entity:
        return False
    if ("end_time" in entity) is (entity.get("in_progress") is True):
        return False
    if "subsegments" not in entity:
        return True
    subsegments = entity["subsegments"]
    return (
        isinstance(subsegments, list)
        and depth < SUBSEGMENT_DEPTH_MAX
        and all(_is_sound_entity(child, depth + 1) for child in subsegments)
    )
