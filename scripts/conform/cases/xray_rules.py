"""Sampling rules and targets (source: the X-Ray API, CreateSamplingRule, GetSamplingTargets)."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, DiffersError, expect, expect_in, expect_names
from scripts.conform.xray_calls import REFUSED

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("xray")


def _rule(on: Surroundings, what: str, **more: Any) -> dict[str, Any]:
    """Return a rule that no application falls under."""
    return {
        "RuleName": on.name(what),
        "ResourceARN": "*",
        "Priority": 9999,
        "FixedRate": 0.0,
        "ReservoirSize": 7,
        "ServiceName": on.name("nobody"),
        "ServiceType": "*",
        "Host": "*",
        "HTTPMethod": "*",
        "URLPath": "*",
        "Version": 1,
        **more,
    }


def _made(on: Surroundings, what: str, **more: Any) -> dict[str, Any]:
    rule = _rule(on, what, **more)
    on.remove_rule(rule["RuleName"])
    record: dict[str, Any] = on.xray("CreateSamplingRule", SamplingRule=rule)["SamplingRuleRecord"]
    return record


@CASES.case("rule.create", "a rule comes back as it was given, with its ARN and both times", documented=True)
def _create(on: Surroundings) -> None:
    record = _made(on, "rule")
    given = _rule(on, "rule")
    expect("rule", {key: record["SamplingRule"].get(key) for key in given}, given)
    expect_in("RuleARN", f":sampling-rule/{on.name('rule')}", record["SamplingRule"]["RuleARN"])
    expect("times", {"CreatedAt", "ModifiedAt"} <= record.keys(), True)


@CASES.case("rule.list.default", "GetSamplingRules has Default: priority 10000, all fields `*`, version 1")
def _default(on: Surroundings) -> None:
    records = on.xray("GetSamplingRules")["SamplingRuleRecords"]
    found = [one["SamplingRule"] for one in records if one["SamplingRule"]["RuleName"] == "Default"]
    expect("rules called Default", len(found), 1)
    expect("priority", found[0]["Priority"], 10000)
    fields = ("ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath", "ResourceARN")
    expect("fields", {found[0][field] for field in fields}, {"*"})
    expect("version", found[0]["Version"], 1)


@CASES.case("rule.list.whole", "GetSamplingRules has every rule on its first page")
def _whole(on: Surroundings) -> None:
    _made(on, "listed")
    answer = on.xray("GetSamplingRules")
    expect("NextToken", answer.get("NextToken"), None)
    names = {one["SamplingRule"]["RuleName"] for one in answer["SamplingRuleRecords"]}
    expect("the new rule is there", on.name("listed") in names, True)


@CASES.case("rule.default.kept", f"Default can't be deleted: {REFUSED}", documented=True, local_only=True)
def _default_kept(on: Surroundings) -> None:
    refusal = on.xray.refused("DeleteSamplingRule", RuleName="Default")
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "Default")


@CASES.case(
    "rule.duplicate",
    f"a second rule of the same name is {REFUSED} and is told that it exists",
    settles=["duplicate-name message"],
)
def _duplicate(on: Surroundings) -> None:
    _made(on, "twice")
    refusal = on.xray.refused("CreateSamplingRule", SamplingRule=_rule(on, "twice"))
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "exist")


@CASES.case("rule.missing", "an unknown rule is `Sampling rule does not exist`", documented=True)
def _missing(on: Surroundings) -> None:
    refusal = on.xray.refused("DeleteSamplingRule", RuleName=on.name("nobody"))
    expect("code", refusal.code, REFUSED)
    expect_in("message", "Sampling rule does not exist", refusal.message)


_WRONG: dict[str, dict[str, Any]] = {
    "priority.0": {"Priority": 0},
    "priority.10000": {"Priority": 10000},
    "rate.above.1": {"FixedRate": 1.1},
    "reservoir.below.0": {"ReservoirSize": -1},
    "method.long": {"HTTPMethod": "M" * 11},
    "host.long": {"Host": "h" * 65},
    "path.long": {"URLPath": "p" * 129},
    "attributes.many": {"Attributes": {f"k{number}": "v" for number in range(6)}},
}


def _refused(number: int, change: dict[str, Any]) -> Any:
    def run(on: Surroundings) -> None:
        _expect_wrong(on, _rule(on, f"wrong{number}", **change), next(iter(change)))

    return run


def _expect_wrong(on: Surroundings, rule: dict[str, Any], field: str) -> None:
    """Raise DiffersError where the rule is taken, or refused for anything else than its *field*."""
    on.remove_rule(rule["RuleName"])
    answer = on.xray.refused("CreateSamplingRule", SamplingRule=rule)
    expect("code", answer.code, REFUSED)
    expect("status", answer.status, 400)
    if "exist" in answer.message:
        raise DiffersError("message", f"words about {field}", answer.message)
    expect_names("message", answer.message, field)


for _number, (_name, _change) in enumerate(_WRONG.items()):
    _claim = f"a rule with {_name.replace('.', ' ')} is {REFUSED} and names the field"
    CASES.add(f"rule.{_name}", _claim, _refused(_number, _change))


@CASES.case("rule.name.long", f"a rule's name of 33 characters is {REFUSED} and names the field")
def _name_long(on: Surroundings) -> None:
    _expect_wrong(on, {**_rule(on, ""), "RuleName": on.long_name(33)}, "RuleName")


@CASES.case("rule.update", "an update changes what it gives; the name stays", documented=True)
def _update(on: Surroundings) -> None:
    _made(on, "update")
    change = {"RuleName": on.name("update"), "FixedRate": 0.25}
    record = on.xray("UpdateSamplingRule", SamplingRuleUpdate=change)["SamplingRuleRecord"]
    expect("rate", record["SamplingRule"]["FixedRate"], 0.25)
    expect("reservoir", record["SamplingRule"]["ReservoirSize"], 7)


def _report(on: Surroundings, what: str, client: str) -> dict[str, Any]:
    return {
        "RuleName": on.name(what),
        "ClientID": client,
        "Timestamp": int(time.time()),
        "RequestCount": 10,
        "SampledCount": 1,
        "BorrowCount": 0,
    }


@CASES.case("targets.one", "one client gets the whole reservoir, a rate, an interval of 10 s, a TTL ahead")
def _targets(on: Surroundings) -> None:
    _made(on, "target")
    client = secrets.token_hex(12)

    def attempt() -> dict[str, Any] | None:
        answer = on.xray("GetSamplingTargets", SamplingStatisticsDocuments=[_report(on, "target", client)])
        found: list[dict[str, Any]] = answer["SamplingTargetDocuments"]
        return found[0] if found and found[0].get("ReservoirQuota") is not None else None

    target = on.eventually("a target with a quota", attempt)
    expect("quota", target["ReservoirQuota"], 7)
    expect("rate", target["FixedRate"], 0.0)
    expect("interval", target["Interval"], 10)
    expect("TTL is ahead", target["ReservoirQuotaTTL"].timestamp() > time.time(), True)


@CASES.case(
    "targets.shared", "two clients together get no more than the reservoir", settles=["quota formula"]
)
def _shared(on: Surroundings) -> None:
    _made(on, "shared")
    clients = [secrets.token_hex(12) for _ in range(2)]

    def attempt() -> list[int] | None:
        quotas: list[int] = []
        for client in clients:
            report = [_report(on, "shared", client)]
            answer = on.xray("GetSamplingTargets", SamplingStatisticsDocuments=report)
            quotas += [one.get("ReservoirQuota", 0) for one in answer["SamplingTargetDocuments"]]
        return quotas if len(quotas) == len(clients) and all(quotas) and sum(quotas) <= 7 else None

    on.observe("quotas of two clients, reservoir 7", on.eventually("quotas of both within it", attempt))


@CASES.case(
    "targets.unknown",
    "a report on an unknown rule comes back in UnprocessedStatistics, with a code",
    settles=["Unprocessed codes"],
)
def _unknown(on: Surroundings) -> None:
    report = _report(on, "nobody", secrets.token_hex(12))
    answer = on.xray("GetSamplingTargets", SamplingStatisticsDocuments=[report])
    unprocessed = answer["UnprocessedStatistics"]
    expect("rules told", [one["RuleName"] for one in unprocessed], [on.name("nobody")])
    expect("has a code", bool(unprocessed[0].get("ErrorCode")), True)


@CASES.case(
    "targets.late",
    "a report an hour and more old comes back in UnprocessedStatistics",
    settles=["Unprocessed codes"],
)
def _late(on: Surroundings) -> None:
    _made(on, "late")
    report = {**_report(on, "late", secrets.token_hex(12)), "Timestamp": int(time.time()) - 7200}
    unprocessed = on.xray("GetSamplingTargets", SamplingStatisticsDocuments=[report])["UnprocessedStatistics"]
    expect("rules told", [one["RuleName"] for one in unprocessed], [on.name("late")])


@CASES.case("targets.many", "more than 25 reports in one call are refused", documented=True)
def _many(on: Surroundings) -> None:
    reports = [_report(on, "nobody", secrets.token_hex(12)) for _ in range(26)]
    refusal = on.xray.refused("GetSamplingTargets", SamplingStatisticsDocuments=reports)
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "samplingStatisticsDocuments", "25")
