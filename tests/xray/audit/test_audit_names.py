"""Names that were probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.audit import near
from xray.audit.names import edits

NAMES = st.text(alphabet="abcdefghijklmnop-", min_size=3, max_size=30)
OTHERS = ("Cruddur", "x-1", "notification-service-of-another-team")


@st.composite
def typos(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and the same with one edit."""
    name = draw(NAMES)
    at = draw(st.integers(0, len(name) - 1))
    sign = draw(st.sampled_from("qrstuvw"))
    kinds = [
        name[:at] + name[at + 1 :],
        name[:at] + sign + name[at:],
        name[:at] + sign + name[at + 1 :],
        name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
    ]
    return name, draw(st.sampled_from(kinds))


@given(typos())
def test_one_edit_is_near(pair: tuple[str, str]) -> None:
    """A character left out, put in, changed, or two changed about: the name is found."""
    name, typed = pair
    assert edits(name, typed) <= 1
    assert near(typed, [name]) == (None if typed == name else name)


@given(st.text(max_size=12), st.text(max_size=12))
def test_edits_are_a_distance(one: str, other: str) -> None:
    """None between equal texts alone, the same both ways, at most the longer one's length."""
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_what_is_near_is_one_of_the_names(name: str, names: list[str]) -> None:
    """Never an invention, and nothing for a name that is right."""
    found = near(name, names)
    assert found is None or found in names
    assert near(name, [*names, name]) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("backend-flash", "backend-flask"),
        ("backend_flask", "backend-flask"),
        ("Backend-Flask", "backend-flask"),
        ("bakcend-flaks", "backend-flask"),
        ("frontend-react", None),
        ("Cruddur", None),
        ("", None),
    ],
)
def test_what_people_write(typed: str, meant: str | None) -> None:
    """The mistakes made in earnest; another service's name is no typo."""
    assert near(typed, ["backend-flask", "x"]) == meant


def test_the_name_without_its_beginning() -> None:
    """Where only one has it as its part, it was meant; of two, neither."""
    assert near("backend-flask", ["cruddur-dev-backend-flask", *OTHERS]) == "cruddur-dev-backend-flask"
    assert near("backend-flask", ["cruddur-dev-backend-flask", "cruddur-prod-backend-flask"]) is None


def test_the_name_without_its_beginning_and_with_a_typo() -> None:
    """Both mistakes at once, as for a group of one environment; of two environments neither was meant."""
    assert near("backend-flash", ["cruddur-dev-backend-flask", *OTHERS]) == "cruddur-dev-backend-flask"
    assert near("backend-flash", ["cruddur-dev-backend-flask", "cruddur-prod-backend-flask"]) is None
    assert near("frontend-react", ["cruddur-dev-backend-flask"]) is None


def test_the_nearest_is_taken() -> None:
    """Of several near ones the one with fewest edits, of equals the first."""
    assert near("backend-flasks", ["backend-flash", "backend-flask"]) == "backend-flask"
    assert near("rule-x", ["rule-a", "rule-b"]) == "rule-a"


def test_what_is_no_name_for_its_length_is_near_to_nothing() -> None:
    """X-Ray's names have 200 characters at most; to compare longer texts takes any time."""
    for length, meant in ((199, "a" * 199 + "b"), (200, None)):
        assert near("a" * length + "c", ["a" * length + "b"]) == meant
    assert near("backend-flash", ["b" * 201, "backend-flask"]) == "backend-flask"
