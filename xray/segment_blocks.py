"""What the blocks of a segment document may hold.

Source: X-Ray segment documents (devguide/xray-api-segmentdocuments.html), and the JSON schema that AWS
publishes there (xray-segmentdocument-schema-v1.0.0.json), which alone tells most lengths. Fields that it does
not know are not looked into: X-Ray drops them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xray.names import (
    ANNOTATION_KEY_MAX_CHARACTERS,
    ANNOTATION_VALUE_MAX_CHARACTERS,
    STRING_MAX_CHARACTERS,
    is_entity_id,
    is_trace_id,
)

_INT64_MAX = 2**63 - 1
_RESERVED_NAMESPACE = "AWS."
# The schema has no dots yet; newer documentation allows them.
_ANNOTATION_KEY = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a value has to be, in words and as a test."""

    expected: str
    holds: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _INT64_MAX


_TEXT = _Kind("a string", lambda value: isinstance(value, str))
_SHORT = _Kind(
    f"a string of at most {STRING_MAX_CHARACTERS} characters",
    lambda value: isinstance(value, str) and len(value) <= STRING_MAX_CHARACTERS,
)
_NUMBER = _Kind("a whole number from 0 up to 64 bits", _is_number)
_BOOLEAN = _Kind("true or false", lambda value: isinstance(value, bool))
_ID = _Kind("16 hex digits", is_entity_id)
_TRACE_ID = _Kind("1-<8 hex digits>-<24 hex digits>", is_trace_id)
_TEXTS = _Kind(
    "a list of strings",
    lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
)

_Fields = Mapping[str, "_Kind | _Fields | list[_Fields]"]

_EXCEPTION: _Fields = {
    "id": _ID,
    "message": _TEXT,
    "type": _TEXT,
    "remote": _BOOLEAN,
    "truncated": _NUMBER,
    "skipped": _NUMBER,
    "cause": _TEXT,
    "stack": [{"path": _TEXT, "line": _NUMBER, "label": _TEXT}],
}
_ENTITY: _Fields = {
    "user": _SHORT,
    "origin": _TEXT,
    "resource_arn": _TEXT,
    "service": {"version": _TEXT},
    "http": {
        "request": {
            "method": _SHORT,
            "url": _SHORT,
            "user_agent": _SHORT,
            "client_ip": _SHORT,
            "x_forwarded_for": _BOOLEAN,
            "traced": _BOOLEAN,
        },
        "response": {"status": _NUMBER, "content_length": _NUMBER},
    },
    "aws": {
        **dict.fromkeys(
            ("account_id", "operation", "region", "request_id", "queue_url", "table_name"), _TEXT
        ),
        "table_names": _TEXTS,
        "ec2": dict.fromkeys(("instance_id", "availability_zone", "instance_size", "ami_id"), _TEXT),
        "ecs": {"container": _TEXT},
        "eks": dict.fromkeys(("cluster_name", "pod", "container_id"), _TEXT),
        "elastic_beanstalk": {
            "environment_name": _TEXT,
            "version_label": _TEXT,
            "deployment_id": _NUMBER,
        },
        "cloudwatch_logs": [{"log_group": _TEXT, "arn": _TEXT}],
        "xray": {"sdk": _TEXT, "sdk_version": _TEXT, "auto_instrumentation": _BOOLEAN},
    },
    "sql": {
        **dict.fromkeys(
            (
                *("connection_string", "url", "sanitized_query", "database_type", "database_version"),
                *("driver_version", "preparation"),
            ),
            _TEXT,
        ),
        "user": _SHORT,
    },
    "links": [{"trace_id": _TRACE_ID, "id": _ID, "attributes": {}}],
    "precursor_ids": _TEXTS,
}
_CAUSE: _Fields = {"working_directory": _TEXT, "paths": _TEXTS, "exceptions": [_EXCEPTION]}


def block_problems(entity: Mapping[str, Any], place: str) -> Iterator[str]:
    """Tell what is wrong with the blocks of a segment or subsegment, its subsegments' left out.

    `place` goes before the names of fields. Never raises.
    """
    yield from _problems(entity, _ENTITY, place)
    cause = entity.get("cause", {})
    if isinstance(cause, Mapping):
        yield from _problems(cause, _CAUSE, f"{place}cause.")
        exceptions = cause.get("exceptions")
        for index, exception in enumerate(exceptions if isinstance(exceptions, list) else ()):
            if isinstance(exception, Mapping) and "id" not in exception:
                yield f"{place}cause.exceptions[{index}].id is missing"
    elif not is_entity_id(cause):
        yield f"{place}cause is neither an object nor an exception's id"
    yield from _annotation_problems(entity.get("annotations", {}), f"{place}annotations")
    yield from _metadata_problems(entity.get("metadata", {}), f"{place}metadata")


def _problems(block: Mapping[str, Any], fields: _Fields, place: str) -> Iterator[str]:
    for name, wanted in fields.items():
        if name not in block:
            continue
        value, where = block[name], f"{place}{name}"
        if isinstance(wanted, _Kind):
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


def _object_problems(value: Any, fields: _Fields, where: str) -> Iterator[str]:
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
        if not (
            isinstance(key, str)
            and len(key) <= ANNOTATION_KEY_MAX_CHARACTERS
            and _ANNOTATION_KEY.fullmatch(key)
        ):
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
        if isinstance(namespace, str) and namespace.startswith(_RESERVED_NAMESPACE):
            yield f"{name}: namespaces that begin with {_RESERVED_NAMESPACE} are X-Ray's own"
        if not isinstance(content, Mapping):
            yield f"{name} is no object"


def short(value: object) -> str:
    """Return a value for a message: its beginning, where it is long. Never raises."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return f"an {type(value).__name__} of too many digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
