"""Findings about rules, against trying requests."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xray.audit.rules import DEFAULT, ROUTES, SENDERS, rule_lists
from xray.audit import (
    Route,
    Sender,
    decide,
    deciders,
    ignored,
    left_to_default,
    of_others,
    rivals,
    shadowed,
    ties,
    unmatched,
)
from xray.sampling import SamplingRule, ignored_by_sdks
from xray.wildcards import wildcard_match

OURS = SamplingRule("service", 9000, 0.1, 5, service_name="backend-flask")
HEALTH = replace(OURS, rule_name="health", priority=8999, url_path="/health*")
US = Sender("backend-flask", "", "localhost")
HOME, CHECK = Route("GET", "/api/home"), Route("GET", "/health")
_FIELDS = ("service_name", "service_type", "host", "http_method", "url_path")


def _by_force(rules: list[SamplingRule], sender: Sender, route: Route) -> SamplingRule | None:
    """Try each rule: the smallest by Default or not, priority and name among those that match."""
    asked = (sender.service_name, sender.service_type or "", sender.host or "", route.method, route.path)
    fitting = [
        rule
        for rule in rules
        if rule.version == 1
        and rule.resource_arn == "*"
        and not rule.attributes
        and all(wildcard_match(getattr(rule, name), text) for name, text in zip(_FIELDS, asked, strict=True))
    ]
    return min(
        fitting, key=lambda rule: (rule.rule_name == "Default", rule.priority, rule.rule_name), default=None
    )


@given(rule_lists(), SENDERS, ROUTES)
def test_deciding_is_what_trying_every_rule_finds(
    rules: list[SamplingRule], sender: Sender, route: Route
) -> None:
    """By priority, then by name, Default last, without what SDKs pass over."""
    assert decide(rules, sender, route) == _by_force(rules, sender, route)


@settings(deadline=None)
@given(rule_lists(), st.lists(st.tuples(SENDERS, ROUTES), max_size=30))
def test_a_shadowed_rule_never_decides(
    rules: list[SamplingRule], requests: list[tuple[Sender, Route]]
) -> None:
    """Of no request is it the rule, and whenever it matches, the one that shadows it does too."""
    found = shadowed(rules)
    never = [one.rule for one in found]
    for sender, route in requests:
        assert decide(rules, sender, route) not in never
        for one in found:
            if _by_force([one.rule], sender, route):
                assert _by_force([one.by], sender, route)


@given(rule_lists(), SENDERS, st.lists(ROUTES, max_size=8))
def test_an_unmatched_rule_decides_none_of_the_routes(
    rules: list[SamplingRule], sender: Sender, routes: list[Route]
) -> None:
    """Of routes that are one path each, those and no others, but for what only several rules leave over."""
    found = unmatched(rules, sender, routes)
    decided = [decide(rules, sender, route) for route in routes]
    assert not [rule for rule in found if rule in decided]
    followed = [rule for rule in rules if not ignored_by_sdks(rule) and rule != DEFAULT]
    assert {rule.rule_name for rule in followed if rule not in decided} == {rule.rule_name for rule in found}


@given(rule_lists(), SENDERS, ROUTES, st.text(alphabet="abAc", max_size=3))
def test_who_decides_is_among_the_deciders(
    rules: list[SamplingRule], sender: Sender, route: Route, end: str
) -> None:
    """Of a route that is one path it is that rule alone; of one with an open end, any of its requests'."""
    assert deciders(rules, sender, route) == [decide(rules, sender, route)]
    several = Route(route.method, route.path + end, route.path + "*")
    unknown = Sender(sender.service_name)
    assert decide(rules, sender, several) in deciders(rules, sender, several)
    assert decide(rules, sender, several) in deciders(rules, unknown, several)


@given(rule_lists())
def test_every_rule_is_ignored_or_followed(rules: list[SamplingRule]) -> None:
    """What SDKs pass over is told with the reason, and is neither shadowed nor unmatched nor tied."""
    passed_over = [one.rule for one in ignored(rules)]
    assert all(one.why == ignored_by_sdks(one.rule) for one in ignored(rules))
    assert {rule.rule_name for rule in passed_over} == {
        rule.rule_name for rule in rules if ignored_by_sdks(rule)
    }
    others = [one.rule for one in shadowed(rules)] + [rule for same in ties(rules) for rule in same]
    assert not [rule for rule in others if rule in passed_over]


@given(rule_lists())
def test_ties_are_the_rules_of_one_priority(rules: list[SamplingRule]) -> None:
    """Each priority that several rules share, once, in the order of their names."""
    found = ties(rules)
    assert all(len({rule.priority for rule in same}) == 1 and len(same) > 1 for same in found)
    assert [[rule.rule_name for rule in same] for same in found] == [
        sorted(rule.rule_name for rule in same) for same in found
    ]
    alone = [rule for rule in rules if not ignored_by_sdks(rule) and not any(rule in same for same in found)]
    assert len({rule.priority for rule in alone}) == len(alone)


@given(rule_lists(), SENDERS, ROUTES)
def test_rivals_are_rules_that_meet(rules: list[SamplingRule], sender: Sender, route: Route) -> None:
    """Two rules of one priority that a request matches are among them; one that is alone never is."""
    for same in ties(rules):
        matching = [rule for rule in same if _by_force([rule], sender, route)]
        if len(matching) > 1:
            assert [rule for rule in rivals(same) if rule in matching] == matching
        assert rivals(same[:1]) == []


def test_what_people_have() -> None:
    """Health checks apart, then the service's rule, then Default: nothing is wrong."""
    rules = [OURS, HEALTH, DEFAULT]
    assert (shadowed(rules), ignored(rules), ties(rules), unmatched(rules, US, [HOME, CHECK])) == (
        [],
        [],
        [],
        [],
    )
    assert decide(rules, US, HOME) == OURS
    assert decide(rules, US, CHECK) == HEALTH


def test_a_rule_for_everything_shadows_what_comes_later() -> None:
    """With the name of the first that does; Default is never named."""
    everything = SamplingRule("all", 1, 0.1, 1)
    assert [(one.rule, one.by) for one in shadowed([OURS, HEALTH, DEFAULT, everything])] == [
        (HEALTH, everything),
        (OURS, everything),
    ]


def test_a_rule_for_another_name_is_unmatched() -> None:
    """As one for Cruddur is where the backend reports as backend-flask: Default decides."""
    other = replace(OURS, service_name="Cruddur")
    assert unmatched([other, DEFAULT], US, [HOME]) == [other]
    assert decide([other, DEFAULT], US, HOME) == DEFAULT


def test_what_is_not_known_is_no_reason() -> None:
    """A rule that asks for a host or a type isn't unmatched where the sender's isn't known."""
    asking = replace(OURS, host="api.example.com", service_type="AWS::ECS::Container")
    unknown = Sender("backend-flask")
    assert unmatched([asking], unknown, [HOME]) == []
    assert unmatched([asking], replace(unknown, host="localhost"), [HOME]) == [asking]
    assert decide([asking, DEFAULT], unknown, HOME) == DEFAULT


def test_a_routes_variable_parts_are_open() -> None:
    """A rule for one handle is matched by a route of all handles; one behind a rule for them all isn't."""
    handles = Route("GET", "/api/@andrew", "/api/@*")
    one = replace(OURS, rule_name="one", priority=2, url_path="/api/@bayko")
    every = replace(OURS, rule_name="every", priority=1, url_path="/api/@*")
    assert unmatched([one, OURS], US, [handles]) == []
    assert unmatched([one, every], US, [handles]) == [one]


@given(rule_lists(), SENDERS, st.lists(ROUTES, max_size=8))
def test_what_is_left_to_default_is_what_it_decides(
    rules: list[SamplingRule], sender: Sender, routes: list[Route]
) -> None:
    """Of routes that are one path each, all known: those that Default decides, and none in part."""
    decided = [route for route in routes if decide(rules, sender, route) == DEFAULT]
    assert left_to_default(rules, sender, routes) == (decided, [])
    unknown = Sender(sender.service_name)
    whole, in_part = left_to_default(rules, unknown, routes)
    assert all(route in [*whole, *in_part] for route in decided)
    assert all(decide(rules, sender, route) == DEFAULT for route in whole)


@given(rule_lists(), SENDERS, ROUTES)
def test_a_rule_of_others_decides_nothing(rules: list[SamplingRule], sender: Sender, route: Route) -> None:
    """Whatever is requested of the service; a wildcard that matches its name is no other's."""
    others = of_others(rules, sender.service_name)
    assert decide(rules, sender, route) not in others
    assert not [rule for rule in others if rule.service_name in ("*", sender.service_name)]
