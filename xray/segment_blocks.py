"""What is wrong with the blocks of a segment document, by the tables of `xray.segment_fields`."""

from collections.abc import Iterator, Mapping
from typing import Any

from xray.names import ANNOTATION_KEY_MAX_CHARACTERS, ANNOTATION_VALUE_MAX_CHARACTERS, is_entity_id
from xray.segment_fields import CAUSE, ENTITY, RESERVED_NAMESPACE, Fields, Kind, is_annotation_key


def block_problems(entity: Mapping[str, Any], place: str) -> Iterator[str]:
    """Tell what is wrong with the blocks of a segment or subsegment, its subsegments' left out.

    `place` goes before the names of fields. Never raises.
    """
    yield from _problems(entity, ENTITY, place)
    cause = entity.get("cause", {})
    if isinstance(cause, Mapping):
        yield from _problems(cause, CAUSE, f"{place}cause.")
        exceptions = cause.get("exceptions")
        for index, exception in enumerate(exceptions if isinstance(exceptions, list) else ()):
            if isinstance(exception, Mapping) and "id" not in exception:
                yield f"{place}cause.exceptions[{index}].id is missing"
    elif not is_entity_id(cause):
        yield f"{place}cause is neither an object nor an exception's id"
    yield from _annotation_problems(entity.get("annotations", {}), f"{place}annotations")
    yield from _metadata_problems(entity.get("metadata", {}), f"{place}metadata")


def _problems(block: Mapping[str, Any], fields: Fields, place: str) -> Iterator[str]:
    for name, wanted in fields.items():
        if name not in block:
            continue
        value, where = block[name], f"{place}{name}"
        if isinstance(wanted, Kind):
            if not wanted.holds(value):
                yield f"{where} is {short(value)}, expected {wanted.expected}"
        elif isinstance(wanted, list):
            if not isinstance(value, list):
                yield f"{where} is no list"
                continue
            for index, item in enumerate(value):
                yield from _object_problems(item, wanted[0], f"{where}[{index}]")
        else:
            yield from _object_problems(value, wanted, where)


def _object_problems(value: Any, fields: Fields, where: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _problems(value, fields, f"{where}.")
    else:
        yield f"{where} is no object"


def _annotation_problems(annotations: Any, where: str) -> Iterator[str]:
    if not isinstance(annotations, Mapping):
        yield f"{where} is no object"
        return
    for key, value in annotations.items():
        name = f"{where}.{short(key)}"
        if not is_annotation_key(key):
            yield (
                f"{name}: expected a key of 1 to {ANNOTATION_KEY_MAX_CHARACTERS} of A-Z, a-z, 0-9, _ and ."
            )
        if not isinstance(value, str | int | float):
            yield f"{name} is no string, number or boolean"
        elif isinstance(value, str) and len(value) > ANNOTATION_VALUE_MAX_CHARACTERS:
            yield f"{name} has more than {ANNOTATION_VALUE_MAX_CHARACTERS} characters"


def _metadata_problems(metadata: Any, where: str) -> Iterator[str]:
    if not isinstance(metadata, Mapping):
        yield f"{where} is no object"
        return
    for namespace, content in metadata.items():
        name = f"{where}.{short(namespace)}"
        if isinstance(namespace, str) and namespace.startswith(RESERVED_NAMESPACE):
            yield f"{name}: namespaces that begin with {RESERVED_NAMESPACE} are X-Ray's own"
        if not isinstance(content, Mapping):
            yield f"{name} is no object"


def short(value: object) -> str:
    """Return a value for a message: its beginning, where it is long. Never raises."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return f"an {type(value).__name__} of too many digits"
    except RecursionError:
        return f"a {type(value).__name__} nested too deep"
    return text if len(text) <= 60 else f"{text[:57]}..."
