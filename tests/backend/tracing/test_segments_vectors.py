"""Spans become the documents that the vectors expect."""

from typing import Any

import pytest

from services.tracing.segments import segment_documents
from tests.backend.tracing.vectors import VECTORS, differences, lookup, span_of
from xray.segments import validate_document


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{v['id']}-{v['topic']}" for v in VECTORS])
def test_documents_are_as_the_vector_expects(vector: dict[str, Any]) -> None:
    """Each document holds what the vector expects, lacks what it forbids, and X-Ray would take it."""
    options = vector["options"]
    documents = segment_documents(
        span_of(vector),
        indexed_attributes=options["indexed_attributes"],
        index_all_attributes=options["index_all_attributes"],
    )

    wanted = [{"expect": vector["expect"], "absent": vector["absent"]}, *vector.get("more", [])]
    assert len(documents) == len(wanted)
    for document, want in zip(documents, wanted, strict=True):
        assert differences(want["expect"], document) == []
        assert [path for path in want.get("absent", []) if lookup(document, path)[0]] == []
        assert validate_document(document) == []
    for left, right in vector.get("same", []):
        found = [
            lookup(documents[int(i)], path) for i, _, path in (left.partition(":"), right.partition(":"))
        ]
        assert found[0] == found[1]
        assert found[0][0]
