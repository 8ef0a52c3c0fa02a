"""Faults in the configuration, each found by the check that should, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts.check import engine
from tests.scripts.check.subjects import HEALTH, NAME, by_id, changed, ids_of, with_rules, with_service_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.terragrunt.render import Unit

IDS = [
    "xray.group.filter",
    "xray.group.effect",
    "xray.rule.limits",
    "xray.rule.service",
    "xray.rule.unmatched",
    "xray.rule.shadowed",
    "xray.rule.ignored",
    "xray.rule.priority",
    "xray.rule.default",
    "xray.rule.sampled",
    "xray.names",
    "cost",
]
FLASK = "backend-flask"


def test_nothing_is_wrong_with_what_is_in_the_repository(units: Mapping[str, Unit]) -> None:
    """Every check passes, without a remedy."""
    results = engine.run(units)
    assert [result.id for result in results] == IDS
    assert ids_of(results, "pass") == set(IDS)
    assert {result.remedy for result in results} == {""}


@pytest.mark.parametrize(
    ("rules", "failed", "actual", "remedy"),
    [
        (
            {"service": {"service_name": "Cruddur"}},
            {"service", "default"},
            f"{NAME} is for Cruddur",
            "reports as",
        ),
        (
            {"service": {"service_name": NAME.replace("flask", "flash")}},
            {"service", "default"},
            "backend-flash",
            "cruddur-local-backend-flash was probably meant to be",
        ),
        ({"service": {"service_name": FLASK}}, {"service", "default"}, f"is for {FLASK}", "probably"),
        (
            {"service": {"url_path": "/health"}},
            {"shadowed", "default"},
            f"{NAME} (priority 9000) behind",
            "priority",
        ),
        (
            {"all": {"priority": 1}},
            {"shadowed"},
            f"{HEALTH} (priority 8999) behind all (priority 1); {NAME}",
            "the smaller priority",
        ),
        ({"same": {"priority": 9500}}, {"shadowed"}, f"same (priority 9500) behind {NAME}", "remove it"),
        (
            {"twin": {"priority": 9000, "url_path": "/api/messages"}},
            {"priority", "shadowed"},
            f"9000: {NAME}, twin (asked in this order)",
            "a priority of its own",
        ),
        (
            {
                "one": {"priority": 5, "url_path": "/api/activities/*"},
                "other": {"priority": 5, "url_path": "/api/*/home"},
                "apart": {"priority": 5, "url_path": "/api/messages"},
            },
            {"priority"},
            "5: one, other (asked in this order)",
            "a priority of its own",
        ),
        (
            {"typo": {"priority": 5, "url_path": "/apis/*"}},
            {"unmatched"},
            "typo (url_path=/apis/*)",
            "url_path",
        ),
        (
            {"put": {"priority": 5, "http_method": "PUT"}},
            {"unmatched"},
            "put (http_method=PUT)",
            "http_method",
        ),
        (
            {"gold": {"priority": 5, "attributes": {"tier": "gold"}}},
            {"ignored"},
            "gold: attributes are set (tier)",
            "leave attributes",
        ),
        ({"old": {"priority": 5, "version": 2}}, {"ignored"}, "old: version is 2", "version"),
        ({"arn": {"priority": 5, "resource_arn": "arn:aws:x"}}, {"ignored"}, "arn: resource ARN", "out"),
        (
            {"service": None},
            {"default", "names"},
            "11 of 14 routes: GET /api/activities/home",
            "all requests",
        ),
        ({"service": {"fixed_rate": 1.5}}, {"limits"}, "fixed_rate is 1.5, allowed are 0 to 1", "correct"),
        ({"service": {"priority": 10_000}}, {"limits"}, "priority is 10000", "correct sampling_rules"),
        (
            {"service": {"host": "h" * 65}},
            {"limits", "default", "names"},
            "host has 65 characters",
            "correct",
        ),
        ({"x" * 33: {"priority": 7, "url_path": "/api/*"}}, {"limits"}, "rule_name has 33", "correct"),
        ({"Default": {"priority": 7}}, {"limits"}, "X-Ray has a rule of this name", "correct"),
    ],
)
def test_a_fault_in_the_rules(
    units: Mapping[str, Unit],
    rules: dict[str, dict[str, Any]],
    failed: set[str],
    actual: str,
    remedy: str,
) -> None:
    """Named by the check that should, with the rule and what to do."""
    results = by_id(engine.run(with_rules(units, **rules), host="localhost"))
    wanted = {"xray.names" if name == "names" else f"xray.rule.{name}" for name in failed}
    assert ids_of(results.values()) == wanted
    told = next(result for result in results.values() if result.id in wanted and actual in result.actual)
    assert remedy in told.remedy


def test_patterns_too_long_for_x_ray_are_not_compared(units: Mapping[str, Unit]) -> None:
    """Rules that X-Ray never has take or lose nothing: only their limit is told."""
    long = "/*" + 64 * "a*"
    rules = {f"r{n}": {"priority": 7, "url_path": long} for n in range(2)}
    results = by_id(engine.run(with_rules(units, **rules)))
    assert ids_of(results.values()) == {"xray.rule.limits"}
    told = results["xray.rule.limits"].actual
    assert told.startswith("r0: url_path has 130 characters, allowed are at most 128; r1: ")
    assert results["cost"].status == "skip"


def test_more_rules_than_x_ray_takes(units: Mapping[str, Unit]) -> None:
    """Twenty-five of one's own, and no more."""
    rules = {f"r{n}": {"priority": n, "url_path": f"/api/activities/@{n:02}*"} for n in range(1, 24)}
    assert ids_of(engine.run(with_rules(units, **rules))) == set()
    more = {**rules, "r24": {"priority": 24, "url_path": "/api/messages/@x"}}
    result = by_id(engine.run(with_rules(units, **more)))["xray.rule.limits"]
    assert (result.status, result.actual) == ("fail", "there are 26 rules")


def test_what_is_no_number_is_named(units: Mapping[str, Unit]) -> None:
    """A priority of one and a half: named, and no other check counts that rule as right."""
    results = by_id(engine.run(with_rules(units, service={"priority": 1.5})))
    assert results["xray.rule.limits"].actual == f"{NAME}: Priority is 1.5, expected a whole number"
    assert results["cost"].status == "skip"
    assert ids_of(results.values()) >= {"xray.rule.limits", "xray.rule.default"}


def test_rules_that_sdks_ignore_may_be_allowed(units: Mapping[str, Unit]) -> None:
    """The environment says so: named, and no failure."""
    told = with_rules(units, gold={"priority": 5, "attributes": {"tier": "gold"}})
    result = by_id(engine.run(changed(told, allow_rules_that_sdks_ignore=True)))["xray.rule.ignored"]
    assert (result.status, "gold: attributes" in result.actual) == ("pass", True)


@pytest.mark.parametrize(
    ("text", "actual", "remedy"),
    [
        (f'service("{NAME[:-1]}h")', "none meets service", f"{NAME}, which {NAME[:-1]}h was probably meant"),
        (f'service("{FLASK}") {{fault}}', "none meets service", f"which {FLASK} was probably meant to be"),
        (
            'service("Cruddur")',
            "matches none of 17 sample traces",
            f"reports as {NAME}, which Cruddur was probably",
        ),
        ('service("backend-flash")', "none meets", "which backend-flash was probably meant to be"),
        ('service("db")', "matches none of 17", "or set service_name to what it reports as"),
        (f'service("{NAME}") AND service("Cruddur")', 'none meets service("Cruddur")', "correct filter"),
        (f'!service("{NAME}")', "none meets !service", "correct filter_expression in"),
    ],
)
def test_a_filter_that_shows_nothing(units: Mapping[str, Unit], text: str, actual: str, remedy: str) -> None:
    """It can be read, and no trace of this backend's is in the group: why, and what was meant."""
    results = by_id(engine.run(changed(units, filter_expression=text)))
    assert ids_of(results.values()) == {"xray.group.effect"}
    assert actual in results["xray.group.effect"].actual
    assert remedy in results["xray.group.effect"].remedy
    assert "config/local/env.hcl" in results["xray.group.effect"].remedy


def test_a_filter_with_the_groups_name_where_the_backend_reports_another(units: Mapping[str, Unit]) -> None:
    """The group's own name is no service's: said as that. The rules are for nobody then, too."""
    results = by_id(engine.run(with_service_name(units, FLASK)))
    assert ids_of(results.values()) == {"xray.group.effect", "xray.rule.service", "xray.rule.default"}
    assert f"{NAME} is the group's own name" in results["xray.group.effect"].remedy
    assert f"reports as {FLASK}" in results["xray.rule.service"].remedy


@pytest.mark.parametrize("text", ['service("a" {fault}', "duration <", "", "fault = 3", None, 5])
def test_a_filter_that_cannot_be_read(units: Mapping[str, Unit], text: object) -> None:
    """With its place; what it would match is not looked at."""
    results = by_id(engine.run(changed(units, filter_expression=text)))
    assert ids_of(results.values()) == {"xray.group.filter"}
    assert "Error Location: line 1" in results["xray.group.filter"].actual
    assert results["xray.group.effect"].status == "skip"


def test_a_filter_that_leads_back_to_its_group(units: Mapping[str, Unit]) -> None:
    """Refused as X-Ray's group could not be evaluated."""
    results = by_id(engine.run(changed(units, filter_expression=f'group.name = "{NAME}" AND fault')))
    assert "leads back to itself" in results["xray.group.filter"].actual


@pytest.mark.parametrize(
    "rest",
    [
        'user = "al"',
        'user = "al" OR service("Cruddur")',
        "throttle",
        'group.name = "other"',
        'edge("{}", "db")',
        'fault http.method = "POST"',
    ],
)
def test_what_no_sample_can_show_is_neither_pass_nor_fail(units: Mapping[str, Unit], rest: str) -> None:
    """Whether real traces meet it depends on what is requested: skipped, with the reason."""
    text = f'service("{NAME}") AND {rest.format(NAME)}'
    results = by_id(engine.run(changed(units, filter_expression=text)))
    assert ids_of(results.values()) == set()
    effect = results["xray.group.effect"]
    assert (effect.status, "make verify" in effect.remedy) == ("skip", True)


@pytest.mark.parametrize("rest", ["fault", "responsetime > 5", 'annotation[http.route] = "/api/messages"'])
def test_what_samples_show_passes(units: Mapping[str, Unit], rest: str) -> None:
    """A failed request, a slow one, one of a route are among the samples."""
    text = f'service("{NAME}") AND {rest}'
    assert ids_of(engine.run(changed(units, filter_expression=text)), "pass") == set(IDS)


@pytest.mark.parametrize(
    ("unit", "inputs", "actual"),
    [
        ("xray", {"group_name": "Default"}, "group Default is X-Ray's own"),
        ("xray", {"group_name": "g" * 33}, "has 33 characters"),
        (
            "honeycomb",
            {"xray_group_name": f"{NAME}s"},
            f"xray/group-name is {NAME}s, {NAME} was probably meant",
        ),
        ("honeycomb", {"xray_sampling_rule_name": "Cruddur"}, "xray/sampling-rule-name is Cruddur, there is"),
    ],
)
def test_names(units: Mapping[str, Unit], unit: str, inputs: dict[str, str], actual: str) -> None:
    """X-Ray's limits, and names that the backend is told but that nothing has."""
    results = by_id(engine.run(changed(units, unit, **inputs)))
    assert ids_of(results.values()) == {"xray.names"}
    assert actual in results["xray.names"].actual


def test_what_depends_on_the_host_or_the_service_type(units: Mapping[str, Unit]) -> None:
    """Not known: some may be left to Default, which is skipped. Known: it is a pass or a failure."""
    asking = with_rules(units, service={"host": "api.example.com", "service_type": "AWS::ECS::Container"})
    result = by_id(engine.run(asking))["xray.rule.default"]
    assert (result.status, "GET /api/activities/home" in result.actual) == ("skip", True)
    known = engine.run(asking, host="API.example.com", service_type="AWS::ECS::Container")
    assert ids_of(known, "pass") == set(IDS)
    assert ids_of(engine.run(asking, host="localhost")) == {"xray.rule.unmatched", "xray.rule.default"}
