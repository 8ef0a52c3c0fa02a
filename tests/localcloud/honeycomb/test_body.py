"""Bodies from the wire to a message."""

import gzip
import json
import re
import zlib
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from localcloud.honeycomb.asgi import BODY_MAX_BYTES
from localcloud.honeycomb.body import decode_request
from localcloud.honeycomb.compression import MEMBERS_MAX
from localcloud.honeycomb.errors import UnreadableBodyError, UnsupportedMediaTypeError
from localcloud.honeycomb.events import events_of

from .conftest import PROTOBUF, SPAN_ID, TRACE_ID, span, trace_request, zstd

JSON = "application/json"
MESSAGE = trace_request(span(parent_span_id=SPAN_ID))


def otlp_json(trace_id: Any) -> bytes:
    """A request as OTLP's JSON has it: ids in hexadecimal, 64-bit numbers as text, enums as numbers."""
    span_id = SPAN_ID.hex()
    one = {"traceId": trace_id, "spanId": span_id, "kind": 2, "startTimeUnixNano": "1700000000123456789"}
    one["links"] = [{"traceId": trace_id, "spanId": span_id}]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}], "unknown": 1}).encode()


def test_json_ids_are_hexadecimal() -> None:
    """Also in links, in either case; other fields are read as protobuf's JSON mapping says."""
    link, itself = events_of(decode_request(otlp_json(TRACE_ID.hex().upper()), JSON, ""))
    assert itself.fields["trace.trace_id"] == TRACE_ID.hex()
    assert itself.fields["trace.span_id"] == SPAN_ID.hex()
    assert itself.fields["type"] == "server"
    assert itself.time == 1_700_000_000_123_456_789
    assert link.fields["trace.link.trace_id"] == TRACE_ID.hex()


def test_json_ids_in_base64_are_read_too() -> None:
    """As protobuf's own JSON writes them."""
    document = MessageToDict(MESSAGE)
    assert decode_request(json.dumps(document).encode(), JSON, "") == MESSAGE


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_protobuf_reads_back(encoding: str) -> None:
    """Packed or not, the message is the one that was sent."""
    body = MESSAGE.SerializeToString()
    assert decode_request(gzip.compress(body) if encoding else body, PROTOBUF, encoding) == MESSAGE


def test_gzip_may_have_several_members() -> None:
    """Members one after another are one body."""
    body = MESSAGE.SerializeToString()
    packed = gzip.compress(body[:7]) + gzip.compress(body[7:])
    assert decode_request(packed, PROTOBUF, "gzip") == MESSAGE


@pytest.mark.parametrize(
    "body",
    [
        b"no gzip",
        gzip.compress(MESSAGE.SerializeToString())[:-1],
        gzip.compress(MESSAGE.SerializeToString()) + b"rest",
        zlib.compress(MESSAGE.SerializeToString()),
        gzip.compress(bytes(BODY_MAX_BYTES + 1)),
        gzip.compress(bytes(BODY_MAX_BYTES)) + gzip.compress(b"0"),
    ],
    ids=["no gzip", "truncated", "trailing bytes", "zlib", "bomb", "bomb in two members"],
)
def test_bad_gzip_is_unreadable(body: bytes) -> None:
    """Unpacking ends where the limit is passed."""
    with pytest.raises(UnreadableBodyError, match=r"^failed to parse OTLP request body: (gzip|more than)"):
        decode_request(body, PROTOBUF, "gzip")


def test_a_bomb_of_many_gigabytes_is_cheap() -> None:
    """Layers of zeros are not unpacked beyond the limit."""
    member = gzip.compress(bytes(10_000_000))
    with pytest.raises(UnreadableBodyError, match="more than 20971520 bytes"):
        decode_request(member * 1000, PROTOBUF, "gzip")


def test_gzip_of_very_many_members_is_unreadable() -> None:
    """Each costs time, also an empty one; a thousand are read."""
    empty = gzip.compress(b"", mtime=0)
    assert decode_request(empty * MEMBERS_MAX, PROTOBUF, "gzip") == ExportTraceServiceRequest()
    with pytest.raises(UnreadableBodyError, match="gzip: more than 1000 members"):
        decode_request(empty * 1_000_000, PROTOBUF, "gzip")


def within(*fields: int, body: bytes) -> bytes:
    """A body that lies in messages of these fields, the last one innermost."""
    for field in reversed(fields):
        length = len(body)
        digits = bytearray()
        while length > 127:
            digits.append(length & 127 | 128)
            length >>= 7
        body = bytes([field << 3 | 2]) + bytes([*digits, length]) + body
    return body


@pytest.mark.parametrize(
    "body",
    [
        within(1, 2, body=b"\x12\x00" * 100_001),
        within(1, 2, body=b"\x12\x00" * 2_500_000),
        within(1, 2, 2, body=b"\x5a\x00" * 100_000),
        within(1, 2, 2, body=b"\x6a\x00" * 2_500_000),
        within(1, 2, 2, body=b"\x4a\x00" * 2_500_000),
        within(1, 1, body=b"\x0a\x00" * 2_500_000),
        b"\x0a\x00" * 2_500_000,
    ],
    ids=["spans", "more spans", "events", "links", "attributes", "of a resource", "resources"],
)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_very_many_messages_are_refused(body: bytes, encoding: str) -> None:
    """Two bytes each: a valid request that would take gigabytes."""
    packed = gzip.compress(body, 1) if encoding else body
    with pytest.raises(UnreadableBodyError, match="more than 100000 spans, span events and links"):
        decode_request(packed, PROTOBUF, encoding)


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b"{}," * 100_000 + b"{}]}]}]}",
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"links":[' + b"{}," * 100_000 + b"{}]}]}]}]}",
        b'{"resourceSpans":[' + b"{}," * 3_000_000 + b"{}]}",
        b'{"a":[' + b"[]," * 3_000_000 + b"[]]}",
    ],
    ids=["spans", "links", "objects", "lists"],
)
def test_very_many_objects_are_refused(body: bytes) -> None:
    """The same as JSON."""
    with pytest.raises(UnreadableBodyError, match="more than 100000 spans, span events and links"):
        decode_request(body, JSON, "")


def test_a_hundred_thousand_spans_are_read() -> None:
    """That is as many as are taken."""
    read = decode_request(within(1, 2, body=b"\x12\x00" * 100_000), PROTOBUF, "")
    assert len(read.resource_spans[0].scope_spans[0].spans) == 100_000


@pytest.mark.parametrize("encoding", ["deflate", "br", "identity", "GZIP", "gzip, gzip"])
def test_other_encodings_are_unreadable(encoding: str) -> None:
    """Encodings are compared exactly."""
    with pytest.raises(UnreadableBodyError, match="unsupported content encoding"):
        decode_request(b"", PROTOBUF, encoding)


def test_zstd_is_read() -> None:
    """Also of several frames, one after another."""
    body = trace_request(span()).SerializeToString()
    packed = zstd(body[:7]) + zstd(body[7:])
    assert decode_request(packed, PROTOBUF, "zstd").SerializeToString() == body
    assert decode_request(b"", PROTOBUF, "zstd").SerializeToString() == b""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (zstd(b"x" * 100)[:-5], "zstd: the body can't be unpacked"),
        (b"(\xb5/\xfd" + b"\xff" * 100, "zstd: the body can't be unpacked"),
        (b"no zstd", "zstd: the body can't be unpacked"),
        (zstd(bytes(BODY_MAX_BYTES + 1)), "more than 20971520 bytes"),
    ],
    ids=["short", "broken", "other", "bomb"],
)
def test_bad_zstd_is_unreadable(body: bytes, message: str) -> None:
    """Short, broken, none at all, or one that unpacks to more than is read."""
    with pytest.raises(UnreadableBodyError, match=message):
        decode_request(body, PROTOBUF, "zstd")


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json; charset=utf-8", "Application/JSON"]
)
def test_content_types_are_compared_exactly(content_type: str) -> None:
    """Parameters and another case are other types."""
    with pytest.raises(UnsupportedMediaTypeError, match="unsupported content-type, valid types are: "):
        decode_request(b"", content_type, "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"resourceSpans":1}',
        b'{"resourceSpans":[1]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":' + b"9" * 5000 + b"}]}]}]}",
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":1e999}]}]}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\\ud800"}]}]}]}',
        b'{"\\ud800":1}',
        b'{"resourceSpans":[{"\\uDFFF":[]}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"\\ud800"}]}]}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"\xed\xa0\x80"}]}]}]}',
        otlp_json(5),
        otlp_json({"a": 1}),
        b'{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":'
        + b'{"arrayValue":{"values":[' * 200
        + b"{}"
        + b"]}}" * 200
        + b"}]}}]}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_bad_json_is_unreadable(body: bytes) -> None:
    """Each of these ends in the error that Honeycomb has for it, which doesn't quote the body."""
    with pytest.raises(
        UnreadableBodyError, match=r"^failed to parse OTLP request body: invalid JSON \(.{1,40}\)$"
    ):
        decode_request(body, JSON, "")


NAMES = re.findall(
    r"\S+",
    """resourceSpans resource attributes key value scopeSpans scope spans traceId spanId links events name
    kind status code intValue doubleValue bytesValue kvlistValue values startTimeUnixNano [x]""",
)
ANY_TEXT = st.text(st.characters(), max_size=5) | st.sampled_from(["\ud800", "a\udfff", "SPAN_KIND_SERVER"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | ANY_TEXT, inner, max_size=4)
    ),
    max_leaves=20,
)
SPANS = st.dictionaries(st.sampled_from(NAMES) | ANY_TEXT, VALUES, max_size=5)
REQUESTS = st.lists(SPANS, max_size=3).map(
    lambda spans: {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
)
"""Nearly right down to the spans, with halves of surrogate pairs in names, texts and enums."""


@given(VALUES | REQUESTS)
def test_any_json_is_read_or_unreadable(document: Any) -> None:
    """Nothing else comes out of documents that are nearly right, and what is read becomes events."""
    try:
        message = decode_request(json.dumps(document).encode(), JSON, "")
    except UnreadableBodyError:
        return
    list(events_of(message))


def nearly(message: bytes) -> st.SearchStrategy[bytes]:
    """Bytes that differ from a good message in a few places."""
    changes = st.lists(st.tuples(st.integers(0, len(message) - 1), st.integers(0, 255)), max_size=4)

    def change(edits: list[tuple[int, int]]) -> bytes:
        changed = bytearray(message)
        for at, value in edits:
            changed[at] = value
        return bytes(changed)

    return changes.map(change)


@given(st.binary() | nearly(MESSAGE.SerializeToString()), st.sampled_from([PROTOBUF, JSON]))
def test_any_bytes_are_read_or_unreadable(body: bytes, content_type: str) -> None:
    """Random bytes, and messages with a few bytes changed, never end in another error."""
    try:
        message = decode_request(body, content_type, "")
    except UnreadableBodyError:
        return
    list(events_of(message))


@given(st.binary() | nearly(gzip.compress(MESSAGE.SerializeToString(), mtime=0)))
def test_any_bytes_as_gzip_are_read_or_unreadable(body: bytes) -> None:
    """The same for packed bodies."""
    try:
        list(events_of(decode_request(body, PROTOBUF, "gzip")))
    except UnreadableBodyError:
        return
