"""What the fields of a segment document may hold, as tables.

Source: X-Ray segment documents (devguide/xray-api-segmentdocuments.html), and the JSON schema that AWS
publishes there (xray-segmentdocument-schema-v1.0.0.json), which alone tells most lengths. Fields that it does
not know are not looked into: X-Ray drops them.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from xray.names import ANNOTATION_KEY_MAX_CHARACTERS, STRING_MAX_CHARACTERS, is_entity_id, is_trace_id

SUBSEGMENT_DEPTH_MAX = 100
FLAGS = ("error", "fault", "throttle", "in_progress", "inferred", "traced")
# "local" is in no document of AWS, but aws_xray_sdk 2.15.0 sends it with every subsegment of its own
NAMESPACES = ("aws", "remote", "local")
_INT64_MAX = 2**63 - 1
RESERVED_NAMESPACE = "AWS."
# The schema has no dots yet; newer documentation allows them.
_ANNOTATION_KEY = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value has to be, in words and as a test."""

    expected: str
    holds: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _INT64_MAX


_TEXT = Kind("a string", lambda value: isinstance(value, str))
_SHORT = Kind(
    f"a string of at most {STRING_MAX_CHARACTERS} characters",
    lambda value: isinstance(value, str) and len(value) <= STRING_MAX_CHARACTERS,
)
_NUMBER = Kind("a whole number from 0 up to 64 bits", _is_number)
_BOOLEAN = Kind("true or false", lambda value: isinstance(value, bool))
_ID = Kind("16 hex digits", is_entity_id)
_TRACE_ID = Kind("1-<8 hex digits>-<24 hex digits>", is_trace_id)
_TEXTS = Kind(
    "a list of strings",
    lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
)

Fields = Mapping[str, "Kind | Fields | list[Fields]"]

_EXCEPTION: Fields = {
    "id": _ID,
    "message": _TEXT,
    "type": _TEXT,
    "remote": _BOOLEAN,
    "truncated": _NUMBER,
    "skipped": _NUMBER,
    "cause": _TEXT,
    "stack": [{"path": _TEXT, "line": _NUMBER, "label": _TEXT}],
}
ENTITY: Fields = {
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
CAUSE: Fields = {"working_directory": _TEXT, "paths": _TEXTS, "exceptions": [_EXCEPTION]}


def is_time(value: object) -> bool:
    """Tell whether a value is epoch seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # an integer beyond a float's range is finite, and no time
    return 0 <= value <= sys.float_info.max


def is_annotation_key(key: Any) -> bool:
    """Tell whether an annotation may have this key."""
    return (
        isinstance(key, str)
        and len(key) <= ANNOTATION_KEY_MAX_CHARACTERS
        and _ANNOTATION_KEY.fullmatch(key) is not None
    )
