"""What a plan would leave, destroy and give away; plans as Terraform printed them, with one thing changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts import secrets
from scripts.check import engine
from scripts.verify.printable import TEXT_MAX_CHARACTERS
from tests.scripts.check.subjects import (
    HEALTH,
    NAME,
    by_id,
    change,
    document,
    ids_of,
    read,
    resource,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scripts.terragrunt.render import Unit

GROUP = "aws_xray_group.this"
RULE = f'aws_xray_sampling_rule.this["{NAME}"]'
HEALTH_RULE = f'aws_xray_sampling_rule.this["{HEALTH}"]'
KEY = "aws_ssm_parameter.this"
HONEYCOMB = "hcaik_" + 58 * "k"
_OF_PLANS = ("xray.group.filter", "xray.group.effect", "xray.names")
_OF_RULES = ("limits", "service", "unmatched", "shadowed", "ignored", "priority", "default", "sampled")
PLAN_IDS = {*(f"plan.{name}" for name in _OF_PLANS), *(f"plan.xray.rule.{name}" for name in _OF_RULES)}


@pytest.mark.parametrize(
    "names", [["xray-create", "honeycomb-create", "honeycomb-key-create"], ["xray-noop", "honeycomb-noop"]]
)
def test_nothing_is_wrong_with_what_terraform_planned(
    units: Mapping[str, Unit], tmp_path: Path, names: list[str]
) -> None:
    """Of the units as they are, before an apply and after it: each check passes on the plan too."""
    results = engine.run(units, read(tmp_path, *map(document, names)))
    assert ids_of(results, "pass") == {result.id for result in results}
    assert {result.id for result in results} >= {*PLAN_IDS, "plan.secrets", "plan.destroy", "cost"}
    told = by_id(results)["plan.xray.names"].actual
    assert told == f"xray/group-name={NAME}, xray/sampling-rule-name={NAME}"


def test_a_plan_without_groups_and_rules(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """As the key's unit has: secrets and what is destroyed are looked at, the rest isn't there."""
    results = by_id(engine.run(units, read(tmp_path, document("honeycomb-key-noop"))))
    assert {name for name in results if name.startswith("plan.")} == {"plan.secrets", "plan.destroy"}


def _set(address: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    def edit(plan: dict[str, Any]) -> None:
        resource(plan, address).update(values)
        change(plan, address)["after"].update(values)

    return edit


def _unknown(address: str, member: str) -> Callable[[dict[str, Any]], None]:
    def edit(plan: dict[str, Any]) -> None:
        del resource(plan, address)[member]
        change(plan, address)["after_unknown"][member] = True

    return edit


@pytest.mark.parametrize(
    ("edit", "failed", "actual"),
    [
        (_set(GROUP, filter_expression='service("backend-flash")'), {"group.effect"}, "backend-flash"),
        (_set(GROUP, filter_expression="service("), {"group.filter"}, "Error Location"),
        (_set(GROUP, filter_expression=None), {"group.filter"}, "Error Location"),
        (_set(GROUP, group_name="Default"), {"names"}, "group Default is X-Ray's own"),
        (_set(RULE, service_name="Cruddur"), {"rule.service", "rule.default"}, "is for Cruddur"),
        (_set(RULE, priority=8999), {"rule.priority", "rule.shadowed"}, "8999: "),
        (_set(RULE, priority=1), {"rule.shadowed"}, HEALTH),
        (_set(HEALTH_RULE, url_path="/healthz"), {"rule.unmatched"}, "url_path=/healthz"),
        (_set(RULE, fixed_rate=2), {"rule.limits"}, "fixed_rate is 2.0"),
        (_set(RULE, priority="x"), {"rule.limits", "rule.default"}, "Priority is 'x', expected a whole"),
        (_set(RULE, priority=None), {"rule.limits", "rule.default"}, "Priority is None"),
        (_set(HEALTH_RULE, attributes={"a": "b"}), {"rule.ignored"}, "attributes are set (a)"),
    ],
)
def test_a_fault_that_only_the_plan_has(
    units: Mapping[str, Unit],
    tmp_path: Path,
    edit: Callable[[dict[str, Any]], None],
    failed: set[str],
    actual: str,
) -> None:
    """The configuration's own checks pass; the plan's fail, and the remedy names its file."""
    plan = document("xray-create")
    edit(plan)
    results = by_id(engine.run(units, read(tmp_path, plan)))
    wanted = {f"plan.xray.{name}" for name in failed}
    assert ids_of(results.values()) == wanted
    told = [result for name, result in results.items() if name in wanted and actual in result.actual]
    assert told
    assert "0.json" in told[0].remedy


def test_a_plan_of_another_environment(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """Its names are another service's: it doesn't pass for this one."""
    plan = json.loads(json.dumps(document("xray-create")).replace("cruddur-local-", "cruddur-dev-"))
    failed = ids_of(engine.run(units, read(tmp_path, plan)))
    assert failed == {"plan.xray.group.effect", "plan.xray.rule.service", "plan.xray.rule.default"}


@pytest.mark.parametrize(
    ("edit", "skipped"),
    [
        (_unknown(GROUP, "filter_expression"), {"group.filter", "group.effect"}),
        (_unknown(RULE, "service_name"), {f"rule.{name}" for name in _OF_RULES}),
    ],
)
def test_what_only_an_apply_will_tell(
    units: Mapping[str, Unit],
    tmp_path: Path,
    edit: Callable[[dict[str, Any]], None],
    skipped: set[str],
) -> None:
    """Skipped with the reason: no pass that was not seen."""
    plan = document("xray-create")
    edit(plan)
    results = engine.run(units, read(tmp_path, plan))
    assert ids_of(results) == set()
    assert ids_of(results, "skip") - {"cost"} == {f"plan.xray.{name}" for name in skipped}
    assert "known after the apply" in next(one.actual for one in results if one.status == "skip")


def test_resources_of_modules_count(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """However deep they are called; what a data source reads is no resource of the plan's."""
    plan = document("xray-create")
    root = plan["planned_values"]["root_module"]
    resource(plan, RULE)["service_name"] = "Cruddur"
    read_only = {**root["resources"][0], "mode": "data", "address": "data.x", "values": {"group_name": "x"}}
    below = {"address": "module.a.module.b", "resources": [*root.pop("resources"), read_only]}
    root["child_modules"] = [{"address": "module.a", "child_modules": [below]}]
    failed = ids_of(engine.run(units, read(tmp_path, plan)))
    assert failed == {"plan.xray.rule.service", "plan.xray.rule.default"}


def test_several_groups_are_told_apart(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """Each has its own checks, by its name."""
    plan = document("xray-create")
    other = json.loads(json.dumps(plan["planned_values"]["root_module"]["resources"][0]))
    other["address"], other["values"]["group_name"] = "aws_xray_group.other", "other"
    other["values"]["filter_expression"] = 'service("other")'
    plan["planned_values"]["root_module"]["resources"].append(other)
    results = engine.run(units, read(tmp_path, plan))
    assert ids_of(results) == {"plan.xray.group.effect.other"}
    assert f"plan.xray.group.effect.{NAME}" in ids_of(results, "pass")


def test_what_is_destroyed_is_named(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """The group and each rule, by name; meant, it is named and no failure."""
    plans = read(tmp_path, document("xray-destroy"))
    result = by_id(engine.run(units, plans))["plan.destroy"]
    assert result.status == "fail"
    assert result.actual == (
        f"group {NAME} is destroyed; rule {NAME} is destroyed; rule {HEALTH} is destroyed"
    )
    assert "DESTROY=1" in result.remedy
    meant = by_id(engine.run(units, plans, may_destroy=True))["plan.destroy"]
    assert (meant.status, meant.actual) == ("pass", result.actual)


@pytest.mark.parametrize("actions", [["delete", "create"], ["create", "delete"]])
def test_what_is_replaced_is_named(units: Mapping[str, Unit], tmp_path: Path, actions: list[str]) -> None:
    """A group under another name is another group, whichever is done first; other resources may be."""
    plan, other = document("xray-noop"), document("honeycomb-noop")
    change(plan, GROUP)["actions"] = actions
    for one in other["resource_changes"]:
        one["change"]["actions"] = ["delete"]
    result = by_id(engine.run(units, read(tmp_path, plan, other)))["plan.destroy"]
    assert (result.status, result.actual) == ("fail", f"group {NAME} is replaced")


def test_what_is_shown_is_safe_and_short(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """Texts of a plan's may hold anything: a terminal acts on none of it, and none fills the report."""
    plan = document("xray-create")
    resource(plan, GROUP)["filter_expression"] = "\x1b[31m\u202e" + "x" * 20_000
    resource(plan, RULE).update(rule_name="rule\n\x1b[31m", service_name="Cruddur")
    results = engine.run(units, read(tmp_path, plan))
    assert ids_of(results) >= {"plan.xray.group.filter", "plan.xray.rule.service"}
    for text in (text for result in results for text in vars(result).values()):
        assert text.isprintable()
        assert len(text) <= TEXT_MAX_CHARACTERS


def _leak(plan: str, edit: Callable[[dict[str, Any]], None], place: str) -> Any:
    return pytest.param(plan, edit, place, id=place)


def _variable(plan: dict[str, Any]) -> None:
    plan["variables"]["honeycomb_api_key"]["value"] = "abcdefghijklmnopqrstuv"


def _prior(plan: dict[str, Any]) -> None:
    plan["prior_state"]["values"]["root_module"]["resources"][0]["values"]["value"] = "0" * 31 + "a"


def _output(plan: dict[str, Any]) -> None:
    plan["planned_values"]["outputs"]["token"] = {"sensitive": True, "value": {"deep": ["value of it"]}}


def _drift(plan: dict[str, Any]) -> None:
    key = plan["resource_changes"][0]
    marked = {**key["change"]["before"], "value": "value of it"}
    plan["resource_drift"] = [{**key, "change": {**key["change"], "before": marked}}]


def _constant(text: str) -> Callable[[dict[str, Any]], None]:
    def edit(plan: dict[str, Any]) -> None:
        plan["configuration"]["root_module"]["locals"] = [{"constant_value": f"a {text} b"}]

    return edit


def _provider(plan: dict[str, Any]) -> None:
    expressions = {"secret_key": {"constant_value": "value of it"}}
    plan["configuration"]["provider_config"] = {"aws": {"expressions": expressions}}


def _default(plan: dict[str, Any]) -> None:
    plan["configuration"]["root_module"].setdefault("variables", {})["db_password"] = {
        "default": "value of it"
    }


def _output_change(plan: dict[str, Any]) -> None:
    plan["output_changes"] = {"api_key": {"after": "value of it"}}


def _containers(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    """As ECS has them: JSON within a text."""
    return _set(GROUP, tags={"containers": json.dumps([{"environment": [{"name": name, "value": value}]}])})


def _other_parameter(value: str) -> Callable[[dict[str, Any]], None]:
    def edit(plan: dict[str, Any]) -> None:
        one = next(one for one in plan["planned_values"]["root_module"]["resources"] if "ssm" in one["type"])
        one["values"]["insecure_value"] = value

    return edit


def _as_a_name(plan: dict[str, Any]) -> None:
    plan["variables"]["tags"] = {"value": {HONEYCOMB: "x"}}


@pytest.mark.parametrize(
    ("plan", "edit", "place"),
    [
        _leak("honeycomb-key-create", _variable, "variables.honeycomb_api_key (a sensitive value"),
        _leak("honeycomb-key-noop", _prior, "prior_state.aws_ssm_parameter.this.value (a sensitive value"),
        _leak("honeycomb-key-create", _set(KEY, value_wo="value of it"), f"planned_values.{KEY}.value_wo"),
        _leak(
            "honeycomb-key-create",
            _set(KEY, insecure_value="value of it"),
            "secret's parameter with its value",
        ),
        _leak("xray-noop", _output, "planned_values.outputs.token.deep[0] (a sensitive value"),
        _leak("honeycomb-key-noop", _drift, "resource_drift.aws_ssm_parameter.this.before.value"),
        _leak("xray-create", _set(GROUP, tags={"Owner": HONEYCOMB}), "tags.Owner (a Honeycomb key"),
        _leak("xray-create", _set(RULE, host="hcamk_" + 26 * "0"), ".host (a Honeycomb key"),
        _leak("xray-create", _set(GROUP, tags={"k": "AKIA" + 16 * "Q"}), "tags.k (an AWS access key"),
        _leak("xray-create", _constant("ASIA" + 16 * "Z"), "constant_value (an AWS access key)"),
        _leak("xray-create", _constant("-----BEGIN RSA " + "PRIVATE KEY-----"), "(a private key)"),
        _leak("xray-create", _constant("-----BEGIN " + "PRIVATE KEY-----"), "locals[0].constant_value"),
        _leak("xray-create", _set(GROUP, tags={"api_key": "0" * 32}), "(a value under a secret's name"),
        _leak("xray-create", _as_a_name, "a name (a Honeycomb key)"),
        _leak("xray-create", _provider, "aws.expressions.secret_key.constant_value (a value under"),
        _leak("xray-create", _default, "variables.db_password.default (a value under"),
        _leak("xray-create", _output_change, "output_changes.api_key.after (a value under"),
        _leak("xray-create", _set(GROUP, tags={"DB_PASSWORD": "value of it"}), "tags.DB_PASSWORD (a value"),
        _leak("xray-create", _set(GROUP, tags={"api-key": "value of it"}), "tags.api-key (a value"),
        _leak("xray-create", _set(GROUP, tags={"secretKey": "value of it"}), "tags.secretKey (a value"),
        _leak(
            "xray-create",
            _containers("HONEYCOMB_API_KEY", "value of it"),
            "tags.containers[0].environment[0].value (a value under",
        ),
        _leak(
            "xray-create",
            _containers("OTEL_EXPORTER_OTLP_HEADERS", "x-honeycomb-team=" + 11 * "aB"),
            "tags.containers[0].environment[0].value (a Honeycomb key",
        ),
        _leak("honeycomb-create", _other_parameter(7 * "aB3" + "c"), "insecure_value (a Honeycomb key"),
        _leak("honeycomb-create", _other_parameter(32 * "0"), "insecure_value (a Honeycomb key"),
    ],
)
def test_a_secret_is_named_and_not_shown(
    units: Mapping[str, Unit], tmp_path: Path, plan: str, edit: Callable[[dict[str, Any]], None], place: str
) -> None:
    """Wherever it stands: its place is in the report, its value isn't, nor does any output show it later."""
    given = document(plan)
    before = _texts(given)
    edit(given)
    results = by_id(engine.run(units, read(tmp_path, given)))
    result = results["plan.secrets"]
    assert result.status == "fail"
    assert place in result.actual
    assert "ephemeral" in result.remedy
    new = {text for text in _texts(given) - before if len(text) >= 8 and text not in place}
    for text in new:
        assert not [one for one in results.values() if text in repr(one)]
    assert any(secrets.REPLACEMENT in secrets.scrub(text) for text in [*new, HONEYCOMB])


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {text for pair in value.items() for one in pair for text in _texts(one)}
    if isinstance(value, list):
        return {text for one in value for text in _texts(one)}
    return {value} if isinstance(value, str) else set()


def test_json_within_texts_is_looked_into_so_deep(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """Three texts within one another, and no text that only looks like JSON, or is nested without end."""
    deep: Any = {"password": "value of it"}
    for _ in range(3):
        deep = {"in": json.dumps(deep)}
    plan = document("xray-create")
    resource(plan, GROUP)["tags"] = {"deep": deep["in"], "open": 100_000 * "[", "no": "{password: 12345678}"}
    result = by_id(engine.run(units, read(tmp_path, plan)))["plan.secrets"]
    assert result.actual.endswith("tags.deep.in.in.password (a value under a secret's name)")
    resource(plan, GROUP)["tags"]["deep"] = json.dumps(deep)
    assert by_id(engine.run(units, read(tmp_path, plan)))["plan.secrets"].status == "pass"


def test_what_only_names_a_secret_is_none(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """A reference to where it is, a placeholder, an id that looks a little like a key."""
    plan = document("xray-create")
    containers = [
        {
            "secrets": [
                {"name": "HONEYCOMB_API_KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/a/api-key"}
            ],
            "environment": [{"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "x-honeycomb-team=${HONEYCOMB}"}],
        }
    ]
    resource(plan, GROUP)["tags"] = {"containers": json.dumps(containers), "api_key": "/cruddur/dev/api-key"}
    other = document("honeycomb-create")
    _other_parameter("abcdefghijklmnopqrstuv")(other)
    assert by_id(engine.run(units, read(tmp_path, plan, other)))["plan.secrets"].status == "pass"


def test_a_secret_is_told_only_where_it_is_shown(
    units: Mapping[str, Unit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each place is looked through for every secret, so that thousands would take for ever."""
    looked_through: list[str] = []
    scrub = secrets.scrub

    def counting(text: str) -> str:
        looked_through.append(text)
        return scrub(text)

    plan = document("xray-create")
    resource(plan, GROUP)["tags"] = {f"tag{number}": f"hcaik_{number:058}" for number in range(200)}
    monkeypatch.setattr(secrets, "scrub", counting)
    result = by_id(engine.run(units, read(tmp_path, plan)))["plan.secrets"]
    assert result.actual.endswith("; and 190 more")
    assert len(looked_through) == 10


def test_many_secrets_are_counted(units: Mapping[str, Unit], tmp_path: Path) -> None:
    """The first ten by their places, each once, and how many more."""
    plan = document("xray-create")
    resource(plan, GROUP)["tags"] = {f"tag{number}": f"hcaik_{number:058}" for number in range(15)}
    change(plan, GROUP)["after"]["tags"] = {"again": f"hcaik_{0:058}"}
    result = by_id(engine.run(units, read(tmp_path, plan)))["plan.secrets"]
    assert result.actual.endswith("; and 5 more")
    assert "tags.tag0 (a Honeycomb key, elsewhere too)" in result.actual
    assert "hcaik_" not in result.actual
