"""Which image a rollback goes to, by the values that the image parameter has had."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.deploy.history import NONE, earlier, kept

VALUES = st.lists(st.sampled_from([NONE, "a", "b", "c", "d"]), max_size=12)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([NONE], None),
        ([NONE, "a"], None),
        ([NONE, "a", "b"], "a"),
        ([NONE, "a", "b", "a"], None),  # b never became steady, or was rolled back
        ([NONE, "a", "b", "c", "b"], "a"),
        ([NONE, "a", "a", "b", "b"], "a"),  # deployed again
        ([NONE, "a", NONE], None),  # the first one failed
        (["b", "c"], "b"),  # SSM has forgotten the first ones
    ],
)
def test_what_was_there_before(values: list[str], expected: str | None) -> None:
    """The last other image that wasn't undone; none where there is none."""
    assert earlier(values) == expected


@given(VALUES)
def test_going_back_again_and_again_ends(values: list[str]) -> None:
    """Each rollback goes further back, to another image that was there, and none comes twice."""
    values, seen = list(values), set[str]()
    while (image := earlier(values)) is not None:
        assert image in values
        assert image not in seen
        assert image != NONE
        assert image != values[-1]
        seen.add(image)
        values.append(image)


@given(VALUES, st.sampled_from(["x", "y"]))
def test_a_failed_deployment_changes_nothing_for_a_rollback(values: list[str], failed: str) -> None:
    """What is put back is as before: what failed in between is nothing to go back to."""
    values = [NONE, *values]
    assert earlier([*values, failed, values[-1]]) == earlier(values)


@given(VALUES)
def test_after_a_deployment_the_way_back_is_what_served(values: list[str]) -> None:
    """A new image on top of one that serves goes back to that one."""
    line = kept(values)
    if values and values[-1] != NONE:
        assert earlier([*values, "new"]) == line[-1] == values[-1]
