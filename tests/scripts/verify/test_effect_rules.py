"""The rule that really decides, route by route, and everything that can stand between it and the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts import routes
from scripts.verify.check import Status

if TYPE_CHECKING:
    from tests.scripts.verify.made import Made

HOME = "xray.rule.effective.GET /api/activities/home"
HEALTH = "xray.rule.effective.GET /health"
EFFECTIVE = {f"xray.rule.effective.{route}" for route in routes.served()}
MAY_BE_HOME = {HOME, "xray.rule.effective.GET /api/activities/<activity_uuid>"}
OF_HEALTH = {check_id for check_id in EFFECTIVE if " /health" in check_id}
AGAIN = "run `make apply ENV=local`"


def test_each_route_has_its_rule_with_its_figures(made: Made) -> None:
    """As applied: health checks under their own rule, all else under the service's, nothing under Default."""
    results = made.verify()
    assert set(results) > EFFECTIVE
    assert results[HOME].actual == f"{made.name}: 5 a second, then 10 %"
    assert results[HEALTH].actual == f"{made.name}-health: 0 a second, then 0 %"
    assert results["xray.rule.default"].actual == "decides no route"
    assert results["xray.rule.limit"].actual == "2 of 25 rules"


@pytest.mark.parametrize(
    "members",
    [{}, {"ServiceName": "made-*"}, {"HTTPMethod": "GET"}, {"URLPath": "/api/activities/home"}],
)
def test_a_foreign_rule_that_takes_requests_away_is_named(made: Made, members: dict[str, Any]) -> None:
    """Somebody's rule of the same account, asked before ours: each route that it may take fails."""
    made.add_rule("payments-all", Priority=100, FixedRate=0.01, ReservoirSize=0, **members)
    wrong = made.wrong()
    taken = {
        check_id
        for check_id in EFFECTIVE
        if ("HTTPMethod" not in members or ".GET " in check_id)
        and ("URLPath" not in members or check_id in MAY_BE_HOME)
    }
    assert {check_id for check_id in wrong if check_id in EFFECTIVE} == taken
    assert wrong[HOME].actual == "payments-all: 0 a second, then 1 %"
    assert wrong[HOME].expected == f"{made.name}: 5 a second, then 10 %"
    assert wrong[HOME].remedy.startswith("payments-all is no rule of this configuration")
    assert "priority 100" in wrong[HOME].remedy


def test_a_foreign_rule_for_the_host_of_real_requests_is_named(made: Made) -> None:
    """Of what the backend sent in the last hour the host itself is told."""
    made.add_rule("by-host", Priority=7, FixedRate=0, ReservoirSize=0, Host="*.example.com")
    made.send(made.name)
    wrong = made.wrong()
    assert set(wrong) == EFFECTIVE
    assert wrong[HOME].actual == "by-host: 0 a second, then 0 % (host api.example.com)"


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"Host": "*.cruddur.com"}, "host *.cruddur.com"),
        ({"ServiceType": "AWS::ECS::Container"}, "service type AWS::ECS::Container"),
    ],
)
@pytest.mark.parametrize("is_sent", [True, False])
def test_a_foreign_rule_that_may_take_all_is_named(
    made: Made, members: dict[str, Any], where: str, *, is_sent: bool
) -> None:
    """It leaves out what falls under it, so no trace tells of its host or type, whatever others tell of."""
    made.add_rule("theirs", Priority=1, FixedRate=0, ReservoirSize=0, **members)
    if is_sent:
        made.send(made.name)
    wrong = made.wrong()
    assert set(wrong) == EFFECTIVE
    assert wrong[HOME].actual == f"theirs: 0 a second, then 0 % ({where})"
    assert wrong[HOME].remedy.startswith("theirs is no rule of this configuration and is asked first")


def test_a_foreign_rule_for_some_paths_of_a_route_is_named(made: Made) -> None:
    """One person's page is no path that is tried; that rule may decide it all the same."""
    made.add_rule("theirs", Priority=1, FixedRate=0, ReservoirSize=0, URLPath="/api/activities/@bayko*")
    wrong = made.wrong()
    assert {one.removeprefix("xray.rule.effective.") for one in wrong} == {
        "GET /api/activities/@<handle>",
        "GET /api/activities/<activity_uuid>",
        "POST /api/activities/<activity_uuid>/reply",
    }


def test_foreign_rules_that_take_nothing_of_ours_are_no_failure(made: Made) -> None:
    """Another service's rules, rules that SDKs skip, and rules behind ours."""
    made.add_rule("another", Priority=1, FixedRate=1, ReservoirSize=1, ServiceName="payments")
    made.add_rule("skipped", Priority=2, FixedRate=1, ReservoirSize=1, Attributes={"a": "b"})
    made.add_rule("behind", Priority=9500, FixedRate=1, ReservoirSize=1)
    made.add_rule("same-priority", Priority=9000, FixedRate=1, ReservoirSize=1, ServiceName="payments")
    assert made.wrong() == {}


def test_a_rule_for_another_service_leaves_all_to_default(made: Made) -> None:
    """A rule for Cruddur, of a backend that reports under another name: applied as asked for, and idle."""
    made.ask_of_rule(made.name, service_name="Cruddur")
    made.clients.xray().update_sampling_rule(
        SamplingRuleUpdate={"RuleName": made.name, "ServiceName": "Cruddur"}
    )
    wrong = made.wrong()
    told = {"xray.rule.service", "xray.rule.default", "xray.rule.unmatched"}
    assert set(wrong) == (EFFECTIVE - OF_HEALTH) | told
    assert wrong[HOME].actual == "Default: 1 a second, then 5 %"
    for one in wrong.values():
        assert f"{made.name} is for service Cruddur, the backend reports as {made.name}" in one.remedy
        assert one.remedy.endswith(AGAIN)
    default = wrong["xray.rule.default"]
    assert default.expected == "decides no route"
    assert default.actual.startswith(f"decides {len(EFFECTIVE - OF_HEALTH)} routes: GET /api/activities/home")
    assert default.actual.endswith("1 a second, then 5 %")


def test_a_further_rule_for_another_service_is_named(made: Made) -> None:
    """Not the backend's main rule, as asked for and there: no request of the backend falls under it."""
    health = f"{made.name}-health"
    made.ask_of_rule(health, service_name="Cruddur")
    made.clients.xray().update_sampling_rule(
        SamplingRuleUpdate={"RuleName": health, "ServiceName": "Cruddur"}
    )
    wrong = made.wrong()
    assert set(wrong) == {"xray.rule.service"}
    assert wrong["xray.rule.service"].actual == f"{health} is for Cruddur"
    assert f"the backend reports as {made.name}" in wrong["xray.rule.service"].remedy


def test_what_the_configuration_leaves_to_default_is_named(made: Made) -> None:
    """A service's rule for its API alone: the rest is Default's, as `make check` says."""
    made.ask_of_rule(made.name, url_path="/api/*")
    xray = made.clients.xray()
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": made.name, "URLPath": "/api/*"})
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "Default", "FixedRate": 0.5})
    try:
        results = made.verify()
    finally:
        xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": "Default", "FixedRate": 0.05})
    default = results["xray.rule.default"]
    assert [one for one in results.values() if one.status is not Status.PASS] == [default]
    assert default.status is Status.FAIL
    assert default.actual == "decides 1 routes: GET /rollbar/test, 1 a second, then 50 %"
    assert "have a rule for all requests of this service (url_path *)" in default.remedy


def test_what_may_come_to_default_is_seen_once_the_backend_has_sent(made: Made) -> None:
    """A rule for one host: skipped, as in `make check`, until a trace tells of the host."""
    made.ask_of_rule(made.name, host="api.example.com")
    made.clients.xray().update_sampling_rule(
        SamplingRuleUpdate={"RuleName": made.name, "Host": "api.example.com"}
    )
    wrong = made.wrong()
    assert {check_id: one.status for check_id, one in wrong.items()} == {"xray.rule.default": Status.SKIP}
    assert wrong["xray.rule.default"].remedy.startswith("send the backend a request")
    made.send(made.name)
    assert made.wrong() == {}


@pytest.mark.parametrize("change", [{"FixedRate": 0.2}, {"ReservoirSize": 1}])
def test_a_changed_figure_fails_the_routes_of_its_rule(made: Made, change: dict[str, Any]) -> None:
    """The rate that results is another one; an apply puts it right."""
    update = {"RuleName": made.name, **change}
    made.clients.xray().update_sampling_rule(SamplingRuleUpdate=update)  # type: ignore[arg-type]
    wrong = made.wrong()
    assert set(wrong) == (EFFECTIVE - OF_HEALTH) | {f"xray.rule.{made.name}"}
    assert {one.remedy for one in wrong.values()} == {AGAIN}


def test_a_rule_behind_a_wider_one_of_ours_is_shadowed(made: Made) -> None:
    """The health rule after the service's decides nothing: health checks use up the reservoir."""
    made.ask_of_rule(f"{made.name}-health", priority=9001)
    change = {"RuleName": f"{made.name}-health", "Priority": 9001}
    made.clients.xray().update_sampling_rule(SamplingRuleUpdate=change)  # type: ignore[arg-type]
    wrong = made.wrong()
    assert set(wrong) == {"xray.rule.shadowed"}
    assert wrong["xray.rule.shadowed"].actual == (
        f"{made.name}-health (priority 9001) by {made.name} (priority 9000)"
    )
    assert "lower priority number" in wrong["xray.rule.shadowed"].remedy


def test_a_rule_behind_a_wider_foreign_one_is_shadowed(made: Made) -> None:
    """The foreign one is named, with what can be done about it."""
    made.add_rule("all", Priority=1, FixedRate=0, ReservoirSize=0)
    shadowed = made.wrong()["xray.rule.shadowed"]
    assert "by all (priority 1)" in shadowed.actual
    assert shadowed.remedy.startswith("all is no rule of this configuration")


def test_a_shadow_that_came_by_hand_is_put_right_by_an_apply(made: Made) -> None:
    """A changed priority is drift, and no fault of env.hcl's."""
    change = {"RuleName": f"{made.name}-health", "Priority": 9001}
    made.clients.xray().update_sampling_rule(SamplingRuleUpdate=change)  # type: ignore[arg-type]
    wrong = made.wrong()
    assert set(wrong) == {"xray.rule.shadowed", f"xray.rule.{made.name}-health", *OF_HEALTH}
    assert {one.remedy for one in wrong.values()} == {AGAIN}


@pytest.mark.parametrize("allowed", [True, False])
def test_a_rule_that_no_client_obeys(made: Made, *, allowed: bool) -> None:
    """With attributes SDKs skip it, and its routes fall to another; the configuration may allow that."""
    made.ask_of_rule(f"{made.name}-health", attributes={"tenant": "acme"})
    made.ask("xray", allow_rules_that_sdks_ignore=allowed)
    change = {"RuleName": f"{made.name}-health", "Attributes": {"tenant": "acme"}}
    made.clients.xray().update_sampling_rule(SamplingRuleUpdate=change)  # type: ignore[arg-type]
    results = made.verify()
    ignored = results["xray.rule.ignored"]
    assert "SDKs pass over rules with attributes" in ignored.actual
    if allowed:
        assert {one.status for one in results.values()} == {Status.PASS}
    else:
        assert ignored.status is Status.FAIL
        assert "correct sampling_rules in env.hcl" in ignored.remedy


def test_two_rules_of_one_priority(made: Made) -> None:
    """Both may take the same requests, and their names decide: told with who is first."""
    made.ask_of_rule(f"{made.name}-health", priority=9000)
    change = {"RuleName": f"{made.name}-health", "Priority": 9000}
    made.clients.xray().update_sampling_rule(SamplingRuleUpdate=change)  # type: ignore[arg-type]
    wrong = made.wrong()
    assert set(wrong) == {"xray.rule.priority", "xray.rule.shadowed"}
    assert f"{made.name} is asked first" in wrong["xray.rule.priority"].actual
    assert "priority of its own" in wrong["xray.rule.priority"].remedy


def test_a_foreign_rule_of_the_same_priority(made: Made) -> None:
    """It comes first by its name alone, for requests that are ours too."""
    made.add_rule("z-later", Priority=9000, FixedRate=1, ReservoirSize=1, URLPath="/api/*")
    wrong = made.wrong()
    assert set(wrong) == {"xray.rule.priority"}
    assert "z-later" in wrong["xray.rule.priority"].actual


def test_a_rule_that_no_route_falls_under(made: Made) -> None:
    """A misspelt path: the rule is there, and idle."""
    made.ask_of_rule(f"{made.name}-health", url_path="/helth*")
    change = {"RuleName": f"{made.name}-health", "URLPath": "/helth*"}
    made.clients.xray().update_sampling_rule(SamplingRuleUpdate=change)  # type: ignore[arg-type]
    wrong = made.wrong()
    assert set(wrong) == {"xray.rule.unmatched"}
    assert f"falls under {made.name}-health" in wrong["xray.rule.unmatched"].actual


def test_the_accounts_limit(made: Made) -> None:
    """25 rules, ours among them, are as asked for; where one of ours is missing there is no room for it."""
    for number in range(23):
        made.add_rule(
            f"other-{number}", Priority=number + 1, FixedRate=0, ReservoirSize=0, ServiceName="other"
        )
    results = made.verify()
    assert {one.status for one in results.values()} == {Status.PASS}
    assert results["xray.rule.limit"].actual == "25 of 25 rules"
    made.clients.xray().delete_sampling_rule(RuleName=made.name)
    made.add_rule("other-23", Priority=24, FixedRate=0, ReservoirSize=0, ServiceName="other")
    wrong = made.wrong()
    assert wrong["xray.rule.limit"].actual == f"25 of 25 rules, so that {made.name} can't be made"
    assert "higher quota" in wrong["xray.rule.limit"].remedy
    # What is missing can't be shadowed or tied; that nothing was found is no pass.
    for check_id in ("xray.rule.shadowed", "xray.rule.ignored", "xray.rule.priority", "xray.rule.unmatched"):
        assert wrong[check_id].status is Status.SKIP
        assert wrong[check_id].remedy == AGAIN
    assert wrong[HOME].actual == "Default: 1 a second, then 5 %"
    assert wrong[HOME].remedy == AGAIN
