"""No span makes the translation raise, and every document is one that X-Ray takes."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext

from services.tracing.segments import segment_documents
from services.tracing.sending.shorten import SHORTENED_KEY, encode_document
from tests.backend.tracing.generated import KNOWN_KEYS, SPANS, TEXT
from xray.segments import validate_document


@given(SPANS, st.lists(st.sampled_from(KNOWN_KEYS), max_size=4), st.booleans())
def test_documents_are_always_valid(span: ReadableSpan, indexed: list[str], index_all: bool) -> None:
    """Whatever a span holds: its documents are valid and JSON, and its annotations keep X-Ray's rules."""
    documents = segment_documents(span, indexed_attributes=indexed, index_all_attributes=index_all)
    assert len(documents) in {1, 2}
    assert documents[0]["id"] == f"{span.context.span_id:016x}"
    for document in documents:
        data, is_shortened = encode_document(document)
        assert not is_shortened
        read = json.loads(data)
        assert validate_document(read) == []
        assert [number for number in _numbers(read) if not -(2**63) <= number < 2**63] == []
        annotations = document.get("annotations", {})
        assert len(annotations) <= 50
        assert all(key.replace(".", "_").replace("_", "a").isalnum() and key.isascii() for key in annotations)


def _numbers(value: Any) -> Iterator[int]:
    """Every whole number in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def test_a_span_without_ids_has_no_document() -> None:
    """What X-Ray could not place isn't sent."""
    assert segment_documents(ReadableSpan("x")) == []


@given(
    st.dictionaries(TEXT, st.text(max_size=3) | st.just("x" * 30_000), max_size=8),
    st.integers(400, 70_000),
)
def test_large_documents_are_shortened_to_the_byte_and_marked(extra: dict[str, Any], limit: int) -> None:
    """What is too large fits afterwards, keeps what makes it valid, and says how large it was."""
    document = {
        "trace_id": "1-5f84c7a1-e7d1852db8c4fd35d88bf49a",
        "id": "53995c3f42cd8ad8",
        "name": "cruddur",
        "start_time": 1.0,
        "end_time": 2.0,
        "metadata": {"default": extra},
        "annotations": {"a": "b"},
    }
    whole = len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    data, is_shortened = encode_document(document, limit)
    assert len(data) <= limit
    assert is_shortened == (whole > limit)
    read = json.loads(data)
    assert validate_document(read) == []
    if is_shortened:
        assert read["metadata"]["default"][SHORTENED_KEY] == whole
    else:
        assert read["annotations"] == {"a": "b"}


def test_what_has_no_room_as_annotation_becomes_metadata() -> None:
    """The 51st annotation, and values too long for one, are kept as metadata."""
    attributes = {f"k{number}": number for number in range(60)} | {"long": "x" * 1001}
    span = ReadableSpan(
        "x", SpanContext(1, 1, False), resource=Resource({}), attributes=attributes, start_time=1, end_time=2
    )
    (document,) = segment_documents(span, index_all_attributes=True)
    assert len(document["annotations"]) == 50
    assert len(document["metadata"]["default"]) == 11
