"""What X-Ray, or whoever stands in its place, answers to a probe's look."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from scripts.verify.probe import xray
from scripts.verify.probe.waiting import Missing

TRACE_ID = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize("document", ["{", "[]", "{}", "[" * 100_000])
def test_a_document_that_is_none_ends_the_look(document: str) -> None:
    """Cut off, of another kind, without a name, too deep: no wait, and a remedy."""
    answer = {"Traces": [{"Id": TRACE_ID, "Segments": [{"Id": "1", "Document": document}]}]}
    client: Any = SimpleNamespace(batch_get_traces=lambda **_: answer)
    found = xray.look(client, TRACE_ID, local=True)
    assert isinstance(found, Missing)
    assert found.final
    assert "not as X-Ray gives it" in found.heard
    assert "AWS_ENDPOINT_URL" in found.remedy
