"""Names, identifiers and limits of X-Ray.

Sources: X-Ray segment documents (docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html)
and the endpoint quotas (docs.aws.amazon.com/general/latest/gr/xray.html).
"""

import re
from functools import lru_cache

SEGMENT_NAME_MAX_CHARACTERS = 200
FALLBACK_SEGMENT_NAME = "span"
STRING_MAX_CHARACTERS = 250
DOCUMENT_MAX_BYTES = 64 * 1024
UDP_HEADER = b'{"format":"json","version":1}\n'
UDP_DOCUMENT_MAX_BYTES = 65_507 - len(UDP_HEADER)
"""What one datagram (65,507 bytes over IPv4) holds after the daemon's header: 65,477 bytes."""

ANNOTATIONS_MAX_PER_TRACE = 50
ANNOTATION_KEY_MAX_CHARACTERS = 500
ANNOTATION_VALUE_MAX_CHARACTERS = 1000

RULE_NAME_MAX_CHARACTERS = 32
GROUP_NAME_MAX_CHARACTERS = 32

SAMPLING_CLIENT_ID_CHARACTERS = 24

# The documentation's symbols are _ . : / % & # = + \ - @; whether the backslash is one of them or escapes
# the hyphen can't be told, so documents with it pass and names of our own making go without it.
_VALID_NAME = re.compile(r"[\w\s.:/%&#=+\\\-@]+")
_NOT_IN_OUR_NAMES = re.compile(r"[^\w .:/%&#=+\-@]")
_XRAY_TRACE_ID = re.compile(r"1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})")
_ENTITY_ID = re.compile(r"[0-9a-fA-F]{16}")


@lru_cache(maxsize=4096)
def clean_segment_name(name: str, fallback: str = FALLBACK_SEGMENT_NAME) -> str:
    """Return `name` without the characters that X-Ray forbids, at most 200 bytes of UTF-8.

    Characters are removed first, then the rest is cut, never within a character. Where nothing visible
    remains the answer is `fallback`, which has to be a valid name itself.
    """
    cleaned = _NOT_IN_OUR_NAMES.sub("", name)
    if len(cleaned) * 4 > SEGMENT_NAME_MAX_CHARACTERS:
        cleaned = cleaned.encode()[:SEGMENT_NAME_MAX_CHARACTERS].decode(errors="ignore")
    return cleaned if cleaned.strip() else fallback


def is_valid_segment_name(name: str) -> bool:
    """Tell whether X-Ray takes `name`: 1 to 200 letters, numbers, whitespace or `_.:/%&#=+\\-@`."""
    return len(name) <= SEGMENT_NAME_MAX_CHARACTERS and _VALID_NAME.fullmatch(name) is not None


def to_xray_trace_id(trace_id: int) -> str:
    """Return a 128 bit trace id as X-Ray writes it: `1-8hex-24hex`, the first 8 being epoch seconds."""
    digits = f"{trace_id:032x}"
    return f"1-{digits[:8]}-{digits[8:]}"


def from_xray_trace_id(text: str) -> int:
    """Return the 128 bit trace id that X-Ray writes as `1-8hex-24hex`.

    Raises:
        ValueError: the text has another form, or is all zeros, which is no trace id.
    """
    match = _XRAY_TRACE_ID.fullmatch(text)
    trace_id = int(match[1] + match[2], 16) if match else 0
    if trace_id == 0:
        raise ValueError(
            f"{text[:60]!r} is no X-Ray trace id: expected 1-<8 hex digits>-<24 hex digits>, not all zero"
        )
    return trace_id


def is_trace_id(text: object) -> bool:
    """Tell whether `text` is a trace id as X-Ray writes it: `1-8hex-24hex`."""
    return isinstance(text, str) and _XRAY_TRACE_ID.fullmatch(text) is not None


def is_entity_id(text: object) -> bool:
    """Tell whether `text` is the id of a segment or subsegment: 16 hexadecimal digits."""
    return isinstance(text, str) and _ENTITY_ID.fullmatch(text) is not None
