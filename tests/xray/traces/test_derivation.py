"""Facts of a trace, whatever its documents."""

from itertools import chain
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xray.traces.documents import ACCOUNT_ID, begun, traces
from xray.segments import merge_trace, validate_document
from xray.traces import derive, inferred_documents
from xray.traces.facts import CLIENT_TYPE, TraceFacts


def is_of(value: Any, hint: Any) -> bool:
    """Tell whether a value has exactly the type of a hint, NamedTuples field by field."""
    if isinstance(hint, UnionType):
        return any(is_of(value, part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return type(value) is tuple and all(is_of(item, get_args(hint)[0]) for item in value)
    if type(value) is not hint:
        return False
    fields = get_type_hints(hint) if issubclass(hint, tuple) else {}
    return (
        all(is_of(item, inner) for item, inner in zip(value, fields.values(), strict=True))
        if fields
        else True
    )


@given(traces())
def test_every_valid_trace_has_facts_that_hold_together(documents: list[dict[str, Any]]) -> None:
    """Types are as told, indexes within range, and edges name services that are there, or the client."""
    assert [validate_document(document) for document in documents] == [[]] * len(documents)
    facts = derive(documents, ACCOUNT_ID)
    assert is_of(facts, TraceFacts)
    services = [(service.name, service.type, service.account_id) for service in facts.services]
    of_services = chain.from_iterable(service.annotations for service in facts.services)
    of_edges = chain.from_iterable(edge.annotations for edge in facts.edges)
    for annotation in chain(facts.annotations, of_services, of_edges):
        assert annotation.service is None or 0 <= annotation.service < len(services)
        assert [annotation.text, annotation.number, annotation.flag].count(None) == 2
    for edge in facts.edges:
        assert (edge.name, edge.type, edge.account_id) in services
        source = (edge.source_name, edge.source_type, edge.source_account_id)
        assert source in services or (edge.source_type == CLIENT_TYPE and edge.source_name == edge.name)
    roots = [index for index, service in enumerate(facts.services) if service.root]
    assert roots == ([] if facts.entry_point is None else [facts.entry_point])
    assert facts.start_time <= facts.end_time
    assert facts.duration >= 0
    for index, service in enumerate(facts.services):
        assert list(service.annotations) == [made for made in facts.annotations if made.service == index]


@given(traces())
def test_causes_begin_at_the_entry_point_and_cover_less_and_less(documents: list[dict[str, Any]]) -> None:
    """What the client noticed starts with the root; coverage is a share, and never grows on the way."""
    facts = derive(documents, ACCOUNT_ID)
    root = None if facts.entry_point is None else facts.services[facts.entry_point]
    for cause in (*facts.fault_causes, *facts.error_causes, *facts.response_time_causes):
        assert all(service.entity_path for service in cause.services)
        if cause.client_impacting:
            assert root is not None
            assert cause.services[0][:3] == (root.name, root.type, root.account_id)
    assert any(cause.client_impacting for cause in facts.fault_causes) <= facts.fault
    for cause in facts.response_time_causes:
        covered = [entity.coverage for service in cause.services for entity in service.entity_path]
        assert covered[0] == 1
        assert None not in covered
        assert covered == sorted(covered, key=lambda share: -(share or 0))
        assert min(share or 0 for share in covered) >= 0


@given(traces(), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(documents: list[dict[str, Any]], random: Any) -> None:
    """The same documents in another order are the same facts."""
    shuffled = list(documents)
    random.shuffle(shuffled)
    assert derive(shuffled, ACCOUNT_ID) == derive(documents, ACCOUNT_ID)


@given(traces(), st.randoms(use_true_random=False))
def test_what_was_in_progress_leaves_no_trace(documents: list[dict[str, Any]], random: Any) -> None:
    """Once the complete document is there, the one sent before it changes nothing."""
    complete = [document for document in documents if "end_time" in document]
    sent = documents + [begun(document) for document in complete]
    random.shuffle(sent)
    assert derive(sent, ACCOUNT_ID) == derive(documents, ACCOUNT_ID)


@given(traces())
def test_inferred_segments_sent_back_are_the_same_services(documents: list[dict[str, Any]]) -> None:
    """The documents that X-Ray adds are valid, and say of services what was inferred without them."""
    added = inferred_documents(merge_trace(documents))
    assert [validate_document(document) for document in added] == [[]] * len(added)
    before, after = (derive(sent, ACCOUNT_ID) for sent in (documents, documents + added))
    of_inferred = {(service.id, service.type, service.inferred) for service in before.services}
    assert of_inferred == {(service.id, service.type, service.inferred) for service in after.services}
    if before.entry_point is not None:
        assert after.entry_point is not None
        assert after.services[after.entry_point] == before.services[before.entry_point]
        assert len(before.edges) == len(after.edges)


def test_a_trace_without_documents_is_an_error() -> None:
    """There is no trace id to tell."""
    with pytest.raises(ValueError, match="expected at least one document"):
        derive([], ACCOUNT_ID)
