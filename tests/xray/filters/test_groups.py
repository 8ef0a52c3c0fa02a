"""Groups in expressions: their filters' times, unknown groups, circles, and what grows too large."""

from __future__ import annotations

import pytest

from tests.xray.filters.made import trace
from xray.filters import (
    FilterError,
    GroupError,
    GroupVersion,
    evaluate,
    parse,
    require_sound,
    resolve,
    to_sql,
    to_text,
)
from xray.filters.tree import Member

ARN = "arn:aws:xray:us-east-1:123456789012:group/g/ABC"
_SLOW, _FAULT = parse("responsetime > 3"), parse("fault")
VERSIONS = [GroupVersion(10.0, 20.0, _SLOW), GroupVersion(20.0, None, _FAULT)]
GROUPS = {"g": VERSIONS, ARN: VERSIONS, "all": [GroupVersion(0.0, None, None)], "gone": []}


@pytest.mark.parametrize(
    ("received_at", "slow", "faulty"),
    [(9.9, False, False), (10.0, True, False), (19.9, True, False), (20.0, False, True), (1e9, False, True)],
)
def test_a_filter_counts_for_what_arrives_in_its_time(received_at: float, slow: bool, faulty: bool) -> None:
    """A version counts from its beginning, included, to its end, not included."""
    for text in ('group.name = "g"', f'group.arn = "{ARN}"'):
        tree = parse(text)
        found = [
            evaluate(tree, facts, received_at=received_at, groups=GROUPS)
            for facts in (trace(response_time=4.0), trace(fault=True))
        ]
        assert found == [slow, faulty]


def test_not_of_a_group() -> None:
    """!= is what is not in the group; a group without versions holds nothing, one without filter all."""
    facts = trace()
    for text, expected in (
        ('group.name != "g"', True),
        ('group.name = "gone"', False),
        ('group.name != "gone"', True),
        ('group.name = "all"', True),
    ):
        assert evaluate(parse(text), facts, received_at=5.0, groups=GROUPS) is expected


@pytest.mark.parametrize(
    "text", ['group.name = "h"', 'group.arn = "g"', f'group.name = "{ARN}"', 'ok OR !group.name = "h"']
)
def test_an_unknown_group_is_refused(text: str) -> None:
    """By its own kind of name only; the error is a FilterError, and names the group."""
    tree = parse(text)
    for compile_it in (
        lambda: to_sql(tree, groups=GROUPS),
        lambda: evaluate(tree, trace(), received_at=0.0, groups=GROUPS),
        lambda: to_sql(tree),
    ):
        with pytest.raises(FilterError, match="there is no group with group"):
            compile_it()


def test_a_group_that_leads_back_to_itself_is_refused_when_it_is_made() -> None:
    """By name, by ARN, or both; through what other groups ask for now, not what they asked for once."""
    versions = [GroupVersion(0.0, None, _SLOW)]
    groups = {
        "a": versions,
        ARN: versions,
        "b": [GroupVersion(0.0, 9.0, _SLOW), GroupVersion(9.0, None, parse(f'ok AND !group.arn = "{ARN}"'))],
        "once": [GroupVersion(0.0, 9.0, parse('group.name = "a"')), GroupVersion(9.0, None, _SLOW)],
        "lost": [GroupVersion(0.0, None, parse('group.name = "nobody" OR group.name = "all"'))],
        "all": [GroupVersion(0.0, None, None)],
    }
    for text, circle in (
        ('group.name = "b"', f"a -> b -> {ARN}"),
        ('fault OR !group.name = "a"', "a -> a"),
        (f'group.arn = "{ARN}"', f"a -> {ARN}"),
    ):
        with pytest.raises(GroupError, match=f"leads back to itself: {circle}$"):
            require_sound(parse(text), ("a", ARN), groups)
    with pytest.raises(GroupError, match="leads back to itself: new -> new"):
        require_sound(parse('group.name = "new"'), ("new",), groups)
    with pytest.raises(GroupError, match="there is no group"):
        require_sound(parse('group.name = "nobody"'), ("a", ARN), groups)
    for text in ('group.name = "once"', 'group.name = "lost"', "ok"):
        require_sound(parse(text), ("a", ARN), groups)


def test_what_a_stored_filter_names_and_is_no_more_holds_nothing() -> None:
    """A group deleted since, or one that leads back to the filter: the rest of the filter counts."""
    circle = [GroupVersion(0.0, None, parse(f'fault OR group.name = "b" OR group.arn = "{ARN}"'))]
    groups = {
        "a": circle,
        ARN: circle,
        "b": [GroupVersion(0.0, None, parse('error OR group.name = "a"'))],
        "lost": [GroupVersion(0.0, None, parse('fault OR group.name = "nobody"'))],
        "rest": [GroupVersion(0.0, None, parse('!group.name = "nobody"'))],
    }
    traces = [trace(fault=True), trace(error=True), trace()]
    for name, expected in (
        ("a", [True, True, False]),
        ("b", [True, True, False]),
        ("lost", [True, False, False]),
        ("rest", [True, True, True]),
    ):
        tree = parse(f'group.name = "{name}"')
        assert [evaluate(tree, one, received_at=1.0, groups=groups) for one in traces] == expected
        assert len(to_sql(tree, groups=groups).text) < 5_000


def test_groups_may_name_groups() -> None:
    """Each with its own times."""
    groups = {**GROUPS, "h": [GroupVersion(15.0, None, parse('group.name = "g" AND ok'))]}
    tree = parse('group.name = "h"')
    found = [
        evaluate(tree, trace(response_time=4.0), received_at=received_at, groups=groups)
        for received_at in (12.0, 16.0, 21.0)
    ]
    assert found == [False, True, False]


def test_versions_in_place_of_a_name() -> None:
    """Whoever has versions at hand can ask for them without a name; groups in them are looked up."""
    versions = ((15.0, None, parse('group.name = "g" AND ok')),)
    member = Member(versions)
    found = [
        evaluate(member, trace(response_time=4.0), received_at=received_at, groups=GROUPS)
        for received_at in (12.0, 16.0, 21.0)
    ]
    assert found == [False, True, False]
    assert "response_time" in to_sql(member, groups=GROUPS).text
    assert not evaluate(member, trace(response_time=4.0), received_at=16.0, groups={})


def test_what_grows_too_large_is_refused() -> None:
    """Groups that name groups twice each would double with every step."""
    groups = {"0": [GroupVersion(0.0, None, parse("ok"))]}
    for step in range(1, 26):
        text = f'group.name = "{step - 1}" OR !group.name = "{step - 1}"'
        groups[str(step)] = [GroupVersion(0.0, None, parse(text))]
    with pytest.raises(GroupError, match="more than 2000 conditions"):
        to_sql(parse('group.name = "20"'), groups=groups)


def test_what_grows_too_deep_is_refused() -> None:
    """The bound on nesting counts through groups."""
    groups = {"deep": [GroupVersion(0.0, None, parse("!" * 98 + "ok"))]}
    to_sql(parse("!!ok"), groups=groups)
    with pytest.raises(GroupError, match="nested more than 100 levels deep"):
        to_sql(parse('!group.name = "deep"'), groups=groups)
    groups = {"deep": [GroupVersion(0.0, None, parse("service() {" + "!" * 97 + "ok}"))]}
    with pytest.raises(GroupError, match="nested more than 100 levels deep"):
        to_sql(parse('!!!group.name = "deep"'), groups=groups)


def test_evaluation_needs_the_time_of_arrival() -> None:
    """Where a group is asked for and no time is given, the error says so."""
    with pytest.raises(GroupError, match="give received_at"):
        evaluate(parse('group.name = "g"'), trace(), groups=GROUPS)


def test_a_resolved_tree_is_not_printed() -> None:
    """Versions have no word in the language."""
    with pytest.raises(TypeError, match="can't be written"):
        to_text(resolve(parse('group.name = "g"'), GROUPS))
