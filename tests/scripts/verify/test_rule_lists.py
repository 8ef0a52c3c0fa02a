"""What the configuration means against what X-Ray has, for any lists of rules."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scripts import routes
from scripts.verify.check import Status
from scripts.verify.effect import rules
from scripts.verify.effect.rule_lists import RuleLists
from xray.audit import Sender, left_to_default
from xray.sampling import SamplingRequest, SamplingRule, find_rule, sort_rules

SERVICE = "cruddur-dev-backend-flask"
DEFAULT = SamplingRule("Default", 10_000, fixed_rate=0.05, reservoir_size=1)
RULE = st.builds(
    SamplingRule,
    rule_name=st.text("abc", min_size=1, max_size=3),
    priority=st.integers(1, 5),
    fixed_rate=st.sampled_from([0.0, 0.1, 1.0]),
    reservoir_size=st.integers(0, 2),
    service_name=st.sampled_from(["*", SERVICE, "cruddur-*", "payments"]),
    service_type=st.sampled_from(["*", "AWS::ECS::Container"]),
    host=st.sampled_from(["*", "api.example.com", "*.example.com"]),
    http_method=st.sampled_from(["*", "GET", "POST"]),
    url_path=st.sampled_from(["*", "/api/*", "/health*", "/nowhere"]),
    attributes=st.sampled_from([{}, {}, {}, {"a": "b"}]),
)
RULES = st.lists(RULE, max_size=6, unique_by=lambda rule: rule.rule_name)
SEEN = [Sender(SERVICE), Sender(SERVICE, "AWS::ECS::Container", "api.example.com")]


def _lists(asked: list[SamplingRule], found: list[SamplingRule], main: str = "main") -> RuleLists:
    return RuleLists(asked, [*found, DEFAULT], service_name=SERVICE, main=main)


@given(asked=RULES)
def test_what_was_applied_decides_as_it_is_meant(asked: list[SamplingRule]) -> None:
    """Whatever rules are asked for: where X-Ray has exactly these, no route is decided otherwise."""
    lists = _lists(asked, asked)
    decisions = lists.decisions(routes.served(), [*SEEN, *lists.senders([])])
    assert all(one.is_right for one in decisions)
    results = rules.effective_results(lists, decisions, "again")
    assert [one.id for one in results] == [rules.effective_id(route) for route in routes.served()]
    assert {one.status for one in results} == {Status.PASS}
    assert lists.takings(routes.served()) == []


@given(asked=RULES, sender=st.sampled_from(SEEN))
def test_what_comes_to_default_is_never_passed(asked: list[SamplingRule], sender: Sender) -> None:
    """Asked for or not: a route that Default decides fails, one of which it may decide some is skipped."""
    lists = _lists(asked, asked)
    result = rules.default_result(lists, routes.served(), [sender], "again")
    whole, in_part = left_to_default([*asked, DEFAULT], sender, routes.served())
    assert result.status is (Status.FAIL if whole else Status.SKIP if in_part else Status.PASS)
    if result.status is Status.PASS:
        decided = [one.found for one in lists.decisions(routes.served(), [sender])]
        assert DEFAULT not in decided


@given(asked=RULES, foreign=RULES, sender=st.sampled_from(SEEN))
def test_a_rule_of_others_that_may_decide_is_never_passed(
    asked: list[SamplingRule], foreign: list[SamplingRule], sender: Sender
) -> None:
    """Nothing known of hosts and types: whichever rule decides, it is ours, Default's, or was told."""
    theirs = [replace(rule, rule_name=f"x-{rule.rule_name}") for rule in foreign]
    lists = _lists(asked, [*asked, *theirs])
    told = {(one.route, one.found.rule_name) for one in lists.takings(routes.served())}
    for one in lists.decisions(routes.served(), [sender]):
        if one.found in theirs:
            assert (one.route, one.found.rule_name) in told


@given(asked=RULES, found=RULES)
def test_a_rule_of_another_service_is_never_passed(
    asked: list[SamplingRule], found: list[SamplingRule]
) -> None:
    """Whichever rule it is, the backend's own by its name or another, as asked for or as it is."""
    lists = _lists(asked, found)
    result = rules.service_result(lists, "again")
    ours = [rule for rule in found if rule.rule_name in lists.asked]
    others = {rule.rule_name for rule in [*asked, *ours] if rule.service_name == "payments"}
    assert (result.status is Status.FAIL) == bool(others)
    assert all(f"{name} is for payments" in result.actual for name in others)


def test_a_full_account_is_no_failure_where_nothing_is_to_be_made() -> None:
    """31 rules by a higher quota, ours among them: no rule needs room."""
    ours = SamplingRule("main", 9000, fixed_rate=0.1, reservoir_size=5, service_name=SERVICE)
    others = [replace(ours, rule_name=f"r{number}", service_name="other") for number in range(30)]
    result = rules.limit_result(_lists([ours], [ours, *others]))
    assert (result.status, result.actual) == (Status.PASS, "31 of 25 rules")
    missing = rules.limit_result(_lists([ours], [*others, replace(ours, rule_name="r30")]))
    assert (missing.status, missing.actual) == (Status.FAIL, "31 of 25 rules, so that main can't be made")


@given(asked=RULES, foreign=RULES)
def test_the_rule_that_is_told_is_the_one_that_decides(
    asked: list[SamplingRule], foreign: list[SamplingRule]
) -> None:
    """With others' rules beside ours: told is what X-Ray's own order gives, and no wrong one passes."""
    found = [*asked, *(replace(rule, rule_name=f"x-{rule.rule_name}") for rule in foreign)]
    lists = _lists(asked, found)
    for one in lists.decisions(routes.served(), SEEN):
        request = SamplingRequest(
            SERVICE,
            one.sender.service_type or "",
            one.sender.host or "",
            one.route.method,
            one.route.path,
        )
        assert one.found == find_rule(sort_rules([*found, DEFAULT]), request)
        assert one.meant == find_rule(sort_rules([*asked, DEFAULT]), request)
        assert one.is_right == (one.found == one.meant)


@given(asked=RULES)
def test_the_main_rule_is_meant_for_the_backend(asked: list[SamplingRule]) -> None:
    """Written for another service it decides nothing, and that is told for each route that it should take."""
    main = SamplingRule("main", 1, fixed_rate=0.5, reservoir_size=7, service_name="Cruddur")
    lists = _lists([*asked, main], [*asked, main])
    decisions = lists.decisions(routes.served(), SEEN[:1])
    # A rule of the same priority may come before it by its name.
    expected = {one.route for one in decisions if one.meant.rule_name == "main"}
    assert lists.is_mistaken("main")
    assert {one.route for one in decisions if not one.is_right} == expected
    for one in rules.effective_results(lists, decisions, "again"):
        if one.status is Status.FAIL:
            assert one.remedy.startswith(f"main is for service Cruddur, the backend reports as {SERVICE}")
