"""The verification against a real local cloud: what was asked for, what is there, what is said about it."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from scripts import routes
from scripts.aws import Clients
from scripts.errors import OperatorError
from scripts.verify import expected, plan, surroundings
from scripts.verify.check import Status, passed
from scripts.verify.engine import guarded
from tests.scripts.rendered import units_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scripts.environment import Environment
    from scripts.localcloud_process import LocalCloud
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result

NAME = "cruddur-local-backend-flask"
PATH = "/cruddur/local/backend-flask"
KEY_ID = f"ssm.parameter.{PATH}/honeycomb/api-key"
EFFECTIVE = {f"xray.rule.effective.{route}" for route in routes.served()}
OF_RULES = {
    f"xray.rule.{part}"
    for part in ("service", "default", "sampled", "shadowed", "ignored", "priority", "unmatched", "limit")
}
OF_HONEYCOMB = {"honeycomb.dataset"} | {
    f"honeycomb.key.{part}" for part in ("kind", "sends", "environment", "team")
}
# Whether the account has room, and whose policies it has, is so whatever this environment lacks.
OF_THE_ACCOUNT = {"xray.rule.limit", "xray.resource-policy"}


@pytest.fixture(scope="module")
def units(cloud: tuple[Path, LocalCloud]) -> dict[str, Unit]:
    """The rendered units; rendered once, as nothing in here changes them."""
    return units_on(cloud[1])


@pytest.fixture
def clients(local: Environment) -> Clients:
    """Clients made in this environment."""
    return Clients(local.variables["AWS_REGION"])


@pytest.fixture
def created(
    units: dict[str, Unit], clients: Clients, cloud: tuple[Path, LocalCloud]
) -> Iterator[dict[str, Unit]]:
    """The same units, with all that they ask for made by hand and removed again."""
    xray, ssm = clients.xray(), clients.ssm()
    asked = expected.xray(units["xray"])
    xray.create_group(GroupName=asked.group.name, FilterExpression=asked.group.filter_expression)
    for name, rule in asked.rules.items():
        xray.create_sampling_rule(SamplingRule={"RuleName": name, **rule})  # type: ignore[arg-type]
    values = expected.parameters(units["honeycomb"]).values
    for name, value in values.items():
        ssm.put_parameter(Name=name, Value=value, Type="String")
    key = expected.key(units["honeycomb-key"])
    ssm.put_parameter(
        Name=key.name,
        Value=(cloud[0] / "honeycomb-key").read_text().strip(),
        Type="SecureString",
        Description=key.description,
    )
    group = expected.log_group(units["logs"])
    logs = clients.logs()
    for name in (group.name, f"{group.name}-other"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=group.name, retentionInDays=group.retention_days)
    ssm.put_parameter(Name=group.parameter, Value=group.name, Type="String")
    try:
        yield units
    finally:
        existing = {group["GroupName"] for group in xray.get_groups()["Groups"]}
        if asked.group.name in existing:
            xray.delete_group(GroupName=asked.group.name)
        for record in xray.get_sampling_rules()["SamplingRuleRecords"]:
            if record["SamplingRule"].get("RuleName") != "Default":
                xray.delete_sampling_rule(RuleName=record["SamplingRule"]["RuleName"])
        ssm.delete_parameters(Names=[*values, key.name, group.parameter])
        for name in (found["logGroupName"] for found in logs.describe_log_groups()["logGroups"]):
            logs.delete_log_group(logGroupName=name)


def _run(units: dict[str, Unit], clients: Clients) -> dict[str, Result]:
    return {result.id: result for result in plan.run("local", units, clients)}


def _failed(results: dict[str, Result]) -> set[str]:
    return {check_id for check_id, result in results.items() if result.status is not Status.PASS}


def test_everything_as_asked_for_passes(created: dict[str, Unit], clients: Clients) -> None:
    """A check for each thing that the configuration asks for, and for its effect, and all of them pass."""
    results = _run(created, clients)
    assert _failed(results) == set()
    # Made where something was sent in the last hours.
    assert set(results) - {"xray.group.nodes"} == {
        f"xray.group.{NAME}",
        f"xray.rule.{NAME}",
        "xray.rule.cruddur-local-health",
        *(f"ssm.parameter.{PATH}/honeycomb/{name}" for name in ("api-key", "endpoint", "dataset")),
        *(f"ssm.parameter.{PATH}/xray/{name}" for name in ("group-name", "sampling-rule-name")),
        f"ssm.parameter.{PATH}/logs/group-name",
        f"logs.group.{PATH}",
        "honeycomb.key",
        *OF_HONEYCOMB,
        "ssm.key.copies",
        "ssm.parameter.history",
        "xray.group.effect",
        "xray.resource-policy",
        *EFFECTIVE,
        *OF_RULES,
    }


def test_with_nothing_there_everything_fails(units: dict[str, Unit], clients: Clients) -> None:
    """Each missing thing by its own name, with what to do; what needs it is skipped."""
    results = _run(units, clients)
    assert _failed(results) == set(results) - OF_THE_ACCOUNT
    assert results["honeycomb.key"].status is Status.SKIP
    for check_id in _failed(results):
        result = results[check_id]
        assert result.remedy == "run `make apply ENV=local`"
        assert (
            check_id in EFFECTIVE | {"xray.rule.default"}
            or result.status is Status.SKIP
            or "no such" in result.actual
        )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Priority", 9001),
        ("FixedRate", 0.1000001),
        ("ReservoirSize", 6),
        ("Host", "example.com"),
        ("HTTPMethod", "GET"),
        ("URLPath", "/*"),
        ("ServiceName", "other"),
        ("ServiceType", "AWS::EC2::Instance"),
        ("ResourceARN", "arn:aws:ec2:*"),
        ("Attributes", {"a": "b"}),
    ],
)
def test_each_value_of_a_rule_counts(
    member: str, value: object, created: dict[str, Unit], clients: Clients
) -> None:
    """A single one that differs fails that rule, beside what comes of it, and only that value is shown."""
    change = {"RuleName": NAME, member: value}
    clients.xray().update_sampling_rule(SamplingRuleUpdate=change)  # type: ignore[arg-type]
    results = _run(created, clients)
    assert f"xray.rule.{NAME}" in _failed(results)
    assert _failed(results) <= {f"xray.rule.{NAME}", *EFFECTIVE, *OF_RULES}
    result = results[f"xray.rule.{NAME}"]
    assert result.actual == f"{member}={value}"
    assert result.expected.startswith(f"{member}=")


def test_a_groups_filter_and_insights_count(created: dict[str, Unit], clients: Clients) -> None:
    """Expected and actual stand side by side."""
    clients.xray().update_group(
        GroupName=NAME, FilterExpression="fault", InsightsConfiguration={"InsightsEnabled": True}
    )
    result = _run(created, clients)[f"xray.group.{NAME}"]
    assert result.expected == f'filter=service("{NAME}"), insights=false'
    assert result.actual == "filter=fault, insights=true"


def test_a_log_groups_retention_and_key_count(created: dict[str, Unit], clients: Clients) -> None:
    """Another retention, none at all, a KMS key that nobody asked for: each is drift, and shown alone."""
    logs = clients.logs()
    check_id = f"logs.group.{PATH}"
    logs.put_retention_policy(logGroupName=PATH, retentionInDays=365)
    results = _run(created, clients)
    assert _failed(results) == {check_id}
    assert (results[check_id].expected, results[check_id].actual) == ("retention=30", "retention=365")
    logs.delete_retention_policy(logGroupName=PATH)
    assert _run(created, clients)[check_id].actual == "retention=for ever"
    logs.delete_log_group(logGroupName=PATH)
    # One whose name only begins alike is left; it is another.
    assert _run(created, clients)[check_id].actual == "no such log group"
    key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    logs.create_log_group(logGroupName=PATH, kmsKeyId=key)
    logs.put_retention_policy(logGroupName=PATH, retentionInDays=30)
    result = _run(created, clients)[check_id]
    assert (result.expected, result.actual) == ("key=(none)", f"key={key}")


def test_a_parameters_value_and_type_count(created: dict[str, Unit], clients: Clients) -> None:
    """Another value, and the right value under another type, both fail; ciphertext is not shown."""
    ssm = clients.ssm()
    ssm.put_parameter(Name=f"{PATH}/xray/group-name", Value="other", Type="String", Overwrite=True)
    ssm.delete_parameter(Name=f"{PATH}/honeycomb/dataset")
    ssm.put_parameter(Name=f"{PATH}/honeycomb/dataset", Value=NAME, Type="SecureString")
    results = _run(created, clients)
    name, dataset = f"ssm.parameter.{PATH}/xray/group-name", f"ssm.parameter.{PATH}/honeycomb/dataset"
    assert _failed(results) == {name, dataset}
    assert (results[name].expected, results[name].actual) == (f"value={NAME}", "value=other")
    assert results[dataset].actual == "type=SecureString"


def test_a_wrong_key_fails_honeycombs_check_alone(created: dict[str, Unit], clients: Clients) -> None:
    """The parameter is as it should be; Honeycomb says no; the remedy is a new key."""
    wrong = "hcaik_" + "w" * 58
    clients.ssm().put_parameter(
        Name=f"{PATH}/honeycomb/api-key", Value=wrong, Type="SecureString", Overwrite=True
    )
    results = _run(created, clients)
    assert _failed(results) == {"honeycomb.key", *OF_HONEYCOMB}
    assert {results[check_id].status for check_id in OF_HONEYCOMB} == {Status.SKIP}
    assert "401" in results["honeycomb.key"].actual
    assert "rotate-honeycomb-key" in results["honeycomb.key"].remedy
    assert wrong not in repr(results)


def test_a_readable_key_is_not_used(
    created: dict[str, Unit], clients: Clients, cloud: tuple[Path, LocalCloud]
) -> None:
    """A String in the key's place fails, and is not sent to Honeycomb or shown."""
    key = (cloud[0] / "honeycomb-key").read_text().strip()
    ssm = clients.ssm()
    ssm.delete_parameter(Name=f"{PATH}/honeycomb/api-key")
    ssm.put_parameter(Name=f"{PATH}/honeycomb/api-key", Value=key, Type="String")
    results = _run(created, clients)
    assert _failed(results) == {KEY_ID, "honeycomb.key", *OF_HONEYCOMB, "ssm.key.copies"}
    assert results["honeycomb.key"].status is Status.SKIP
    assert "type=String" in results[KEY_ID].actual
    assert key not in repr(results)


def test_a_key_of_another_version_fails(created: dict[str, Unit], clients: Clients) -> None:
    """The description carries the version that was last written: a write that failed shows there."""
    value = clients.ssm().get_parameter(Name=f"{PATH}/honeycomb/api-key", WithDecryption=True)
    clients.ssm().put_parameter(
        Name=f"{PATH}/honeycomb/api-key",
        Value=value["Parameter"]["Value"],
        Type="SecureString",
        Description="Honeycomb API key, version 0",
        Overwrite=True,
    )
    results = _run(created, clients)
    assert _failed(results) == {KEY_ID}
    assert "version 0" in results[KEY_ID].actual


def test_refused_calls_fail_their_checks(
    created: dict[str, Unit], local: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that expire in the middle: every check that needs a call fails, none passes unseen."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "localcloud-expired-token")
    results = _run(created, Clients(local.variables["AWS_REGION"]))
    assert _failed(results) == set(results)
    assert "expired" in results[f"xray.rule.{NAME}"].actual


def test_an_unknown_input_is_an_error_and_no_pass(units: dict[str, Unit], clients: Clients) -> None:
    """What is asked for and not looked at must be noticed."""
    from dataclasses import replace

    changed = replace(units["xray"], inputs={**units["xray"].inputs, "new_setting": 1})
    with pytest.raises(OperatorError, match="new_setting"):
        plan.run("local", {"xray": changed}, clients)
    with pytest.raises(OperatorError, match="no checks for unit alarms"):
        plan.run("local", {"alarms": units["xray"]}, clients)


def test_an_answer_without_the_expected_members_fails_its_check() -> None:
    """Something else than AWS answers: told as that, neither raised nor passed."""

    def work() -> list[Result]:
        answer: dict[str, str] = {"message": "<html>"}
        return [passed("x", "", answer["Parameters"])]

    [result] = guarded({"x": "a parameter"}, work, local=False)
    assert (result.id, result.status, result.expected) == ("x", Status.FAIL, "a parameter")
    assert "Parameters" in result.actual
    assert "AWS_ENDPOINT_URL" in result.remedy


def test_an_answer_that_is_nested_without_end_fails_its_check() -> None:
    """JSON of brackets alone ends no report."""
    [result] = guarded({"x": "a rule"}, lambda: json.loads("[" * 200_000), local=False)
    assert (result.id, result.status) == ("x", Status.FAIL)
    assert "RecursionError" in result.actual


def test_work_that_asks_others_than_aws_has_a_remedy_of_its_own() -> None:
    """Raised with it; nobody is sent to look at AWS's endpoint."""

    def work() -> list[Result]:
        raise OperatorError("the answer has no type", remedy="check honeycomb_endpoint")

    [result] = guarded({"x": "a key"}, work, local=False)
    assert (result.actual, result.remedy) == ("the answer has no type", "check honeycomb_endpoint")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forget the clients that were made with other credentials."""
    from scripts import aws

    return aws.clients.cache_clear


def test_surroundings(
    local: Environment, units: dict[str, Unit], fresh: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Region, credentials and account pass; with an expired token the rest is skipped and said why."""
    target = units["xray"].target
    fresh()
    results, problem = surroundings.check(local, target)
    assert problem is None
    assert [result.id for result in results] == ["region", "credentials", "account"]
    assert {result.status for result in results} == {Status.PASS}
    monkeypatch.setenv("AWS_SESSION_TOKEN", "localcloud-expired-token")
    fresh()
    results, problem = surroundings.check(local, target)
    fresh()
    assert problem is not None
    assert "expired" in problem.message
    assert [result.status for result in results] == [Status.PASS, Status.FAIL, Status.SKIP]


class _Page(BaseHTTPRequestHandler):
    """A proxy's page, whatever is asked for."""

    body = b""

    def do_POST(self) -> None:
        """Answer 200."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("body", [b"<!doctype html><p>Sign in", b"<html><body/></html>", b""])
def test_surroundings_where_no_aws_answers(
    body: bytes,
    local: Environment,
    units: dict[str, Unit],
    fresh: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page instead of XML, XML of another kind, and nothing: credentials fail with a remedy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Page", (_Page,), {"body": body}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        fresh()
        results, problem = surroundings.check(local, units["xray"].target)
    finally:
        fresh()
        server.shutdown()
        thread.join()
        server.server_close()
    assert problem is not None
    assert "is not AWS" in problem.message
    assert [result.status for result in results] == [Status.PASS, Status.FAIL, Status.SKIP]
