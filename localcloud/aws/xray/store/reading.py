"""Segment documents as they come in: read, checked, and refused with X-Ray's codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from localcloud.aws.strict_json import depth_exceeds, loads
from xray.names import DOCUMENT_MAX_BYTES
from xray.segments import Problem, validate_document

DOCUMENT_DEPTH_MAX = 400
"""So that a document can be read and written again inside a hundred others."""
_ANY_DIGIT = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19
"""Every number beyond 64 bits has so many digits in a row."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that wasn't taken; `document_id` is None where it can't be read."""

    document_id: str | None
    problem: Problem

    def to_api(self) -> dict[str, str]:
        """Return the API's `UnprocessedTraceSegment`."""
        document = {"ErrorCode": self.problem.code, "Message": self.problem.message}
        if self.document_id is not None:
            document["Id"] = self.document_id
        return document


def read_document(text: bytes) -> Mapping[str, Any] | Refusal:
    """Return what a segment document says, or why it isn't taken."""
    document = _parse(text)
    problems = validate_document(document)
    if problems or not isinstance(document, Mapping):
        return Refusal(_id_of(document), problems[0])
    return document


def _parse(text: bytes) -> object:
    if len(text) > DOCUMENT_MAX_BYTES or depth_exceeds(text, DOCUMENT_DEPTH_MAX):
        return None
    try:
        if _LONG_NUMBER in text.translate(_ANY_DIGIT):
            # orjson makes a float of an integer beyond 64 bits, which X-Ray's parser refuses
            loads(text)
        return orjson.loads(text)
    except ValueError:
        return None


def _id_of(document: object) -> str | None:
    identity = document.get("id") if isinstance(document, Mapping) else None
    return identity if isinstance(identity, str) else None
