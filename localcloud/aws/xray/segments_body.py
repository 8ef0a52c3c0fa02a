"""The bodies of PutTraceSegments as clients send them, read without a walk along the API's model."""

import re

import orjson

DOCUMENTS_MAX = 10_000
"""Of a call, by our own choice: daemons and SDKs send 50, and nobody says what X-Ray's own bound is."""
_BEGINNING = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"TraceSegmentDocuments"[ \t\r\n]*:')
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


def has_too_many(body: bytes) -> bool:
    """Tell whether a body lists more than `DOCUMENTS_MAX` documents, before anything is made of it.

    Commas outside of strings are counted, so that it is also true for a body with as many other values.
    """
    if body.count(b",") < DOCUMENTS_MAX:
        return False
    # A string's first quote never has a backslash before it, its last one seldom, one inside of it always.
    if body.count(b'"') - body.count(b'\\"') > 2 * (DOCUMENTS_MAX + 1):
        return True
    return _STRING.sub(b"", body).count(b",") >= DOCUMENTS_MAX


def read_texts(body: bytes) -> list[str] | None:
    """Return the documents' texts of a body that holds a list of strings and nothing else.

    None for any other, valid or not: it has to be read by the model.
    """
    beginning = _BEGINNING.match(body)
    end = body.rstrip(b" \t\r\n")
    if beginning is None or not end.endswith(b"}"):
        return None
    try:
        texts = orjson.loads(memoryview(body)[beginning.end() : len(end) - 1])
    except ValueError:
        return None
    if not isinstance(texts, list) or not all(type(text) is str for text in texts):
        return None
    return texts
