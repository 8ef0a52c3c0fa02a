"""One trace's documents as a tree."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from xray.segments import merge_trace


def document(identity: str, start: float, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a document that ends one second after its start."""
    base = {"id": identity, "name": identity, "start_time": start, "end_time": start + 1}
    return {**base, **({"parent_id": parent} if parent else {}), **more}


def shape(documents: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return the depth and the name of each node, in the waterfall's order."""
    return [(depth, node.name) for depth, node in merge_trace(documents).walk()]


def test_segments_and_both_kinds_of_subsegments_take_their_places() -> None:
    """Parents come before children, siblings by start time, whichever way the documents arrived."""
    documents = [
        document("c", 3, "a", type="subsegment"),
        document("remote", 2.5, "b"),
        document("a", 1, subsegments=[document("b", 2), document("d", 4, subsegments=[document("e", 4)])]),
    ]
    expected = [(0, "a"), (1, "b"), (2, "remote"), (1, "c"), (1, "d"), (2, "e")]
    assert shape(documents) == expected
    assert shape(documents[::-1]) == expected


def test_kinds_and_open_ends_are_told() -> None:
    """A node knows whether it is a subsegment; one in progress has no end."""
    nodes = {
        node.id: node
        for _, node in merge_trace(
            [
                {
                    "id": "a",
                    "name": "a",
                    "start_time": 1,
                    "in_progress": True,
                    "subsegments": [document("b", 2)],
                }
            ]
        ).walk()
    }
    assert not nodes["a"].is_subsegment
    assert nodes["a"].end_time is None
    assert nodes["b"].is_subsegment


def test_a_complete_document_replaces_one_in_progress() -> None:
    """Whichever came first; of two complete ones the later one counts."""
    running = {"id": "a", "name": "running", "start_time": 1, "in_progress": True}
    assert shape([running, document("a", 1)]) == [(0, "a")]
    assert shape([document("a", 1), running]) == [(0, "a")]
    assert shape([document("a", 1), document("a", 1, name="later")]) == [(0, "later")]


def test_orphans_are_roots() -> None:
    """A document whose parent never arrived is shown, not lost."""
    assert shape([document("b", 2, "lost"), document("a", 1)]) == [(0, "a"), (0, "b")]


def test_a_circle_is_cut_at_its_own_earliest_node() -> None:
    """What hangs below the circle stays there, even where it began before."""
    documents = [document("b", 6, "c"), document("c", 5, "b"), document("d", 1, "c"), document("e", 2, "d")]
    expected = [(0, "c"), (1, "d"), (2, "e"), (1, "b")]
    assert shape(documents) == expected
    assert shape(documents[::-1]) == expected
    assert shape([document("a", 1, "a"), document("b", 0, "a")]) == [(0, "a"), (1, "b")]


def test_the_case_of_ids_does_not_count() -> None:
    """An id in upper case is the same id, of a parent and of what was in progress too."""
    running = {"id": "AB", "name": "running", "start_time": 1, "in_progress": True}
    below = document("c", 2, "aB")
    assert shape([running, below, document("ab", 1, name="done")]) == [(0, "done"), (1, "c")]
    assert shape([document("Ab", 1, subsegments=[document("C", 2)]), document("d", 3, "c")]) == [
        (0, "Ab"),
        (1, "C"),
        (2, "d"),
    ]


_IDS = st.sampled_from("abcdef")


@given(st.lists(st.tuples(_IDS, st.floats(0, 9), st.none() | _IDS), max_size=12))
def test_each_id_has_exactly_one_place(entries: list[tuple[str, float, str | None]]) -> None:
    """Circles of parents included: each id is walked once, and the walk ends."""
    walked = [name for _, name in shape([document(*entry) for entry in entries])]
    assert sorted(walked) == sorted({identity for identity, _, _ in entries})
