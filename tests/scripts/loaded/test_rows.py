"""Group, rules, parameters and key, compared three ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from scripts.verify.expected import Group, Key
from scripts.verify.loaded.fingerprint import key_fingerprint
from scripts.verify.loaded.parameters import (
    Stored,
    StoredKey,
    key_remedy,
    key_row,
    needs_history,
    parameter_row,
)
from scripts.verify.loaded.rows import group_rows, rule_rows
from scripts.verify.loaded.worker import Version
from services.tracing.loaded import fingerprint as backends
from services.tracing.sending.otlp_target import Target
from tests.scripts.loaded.told import GROUP, KEY, NAME, PATH, RULE, WRITTEN, worker
from xray.rules import SamplingRule

ASKED = Group(NAME, GROUP.filter_expression, insights_enabled=False, notifications_enabled=False)
IN_AWS = {"GroupName": NAME, "GroupARN": GROUP.arn, "FilterExpression": GROUP.filter_expression}
DEFAULT = SamplingRule("Default", 10_000, 0.05, 1)
OTHER_KEY = "hcaik_" + 58 * "n"


def drifts(rows: list[Any]) -> dict[str, str]:
    """Return what drifts, by the rows' names."""
    return {row.what: row.drift for row in rows if row.drift}


def api(*rules: SamplingRule) -> dict[str, Any]:
    """Return rules by name as X-Ray gives them."""
    return {rule.rule_name: rule.to_api() for rule in rules}


def asked(*rules: SamplingRule) -> dict[str, Any]:
    """Return rules by name as the configuration asks for them: without their names."""
    return {rule.rule_name: {k: v for k, v in rule.to_api().items() if k != "RuleName"} for rule in rules}


def test_both_sides_make_the_same_fingerprint() -> None:
    """The backend can't import the scripts, nor they it: a key's mark is the same in both."""
    for key in (KEY, OTHER_KEY, "short", "k" * 19, "k" * 20):
        assert key_fingerprint(key) == backends.key_fingerprint(key)
    assert key_fingerprint(KEY) != key_fingerprint(OTHER_KEY)


def test_a_group_is_compared_by_name_filter_and_arn() -> None:
    """An ARN of another account or region says that the workers look elsewhere."""
    assert drifts(group_rows(ASKED, IN_AWS, [worker()])) == {}
    changed = {**IN_AWS, "FilterExpression": "fault"}
    assert drifts(group_rows(ASKED, changed, [worker()])) == {"group: filter": "asked for/AWS, AWS/loaded"}
    elsewhere = {**IN_AWS, "GroupARN": GROUP.arn.replace("us-east-1", "eu-west-1")}
    assert drifts(group_rows(ASKED, elsewhere, [worker()])) == {"group: ARN": "AWS/loaded"}
    assert set(drifts(group_rows(ASKED, None, [worker()]))) == {"group", "group: filter", "group: ARN"}


def test_a_rule_is_compared_value_by_value() -> None:
    """Only what differs has a row; alike, the rule has one."""
    rows = rule_rows(asked(RULE), api(RULE, DEFAULT), [worker(rules=(RULE, DEFAULT))])
    assert [row.what for row in rows] == [f"rule {NAME}", "rule Default"]
    assert drifts(rows) == {}
    slower = replace(RULE, fixed_rate=0.2, url_path="/api/*")
    rows = rule_rows(asked(RULE), api(slower), [worker(), worker(13, rules=(slower,))])
    assert drifts(rows) == {
        f"rule {NAME}: FixedRate": "asked for/AWS, AWS/loaded (12), asked for/loaded (13)",
        f"rule {NAME}: URLPath": "asked for/AWS, AWS/loaded (12), asked for/loaded (13)",
    }


@pytest.mark.parametrize(
    ("in_aws", "loaded", "drift"),
    [
        ((), (RULE,), "asked for/AWS, AWS/loaded"),
        ((RULE,), (), "AWS/loaded, asked for/loaded"),
        ((), (), "asked for/AWS, asked for/loaded"),
    ],
)
def test_a_rule_that_is_missing_somewhere(
    in_aws: tuple[SamplingRule, ...], loaded: tuple[SamplingRule, ...], drift: str
) -> None:
    """It is one row, as a whole."""
    rows = rule_rows(asked(RULE), api(*in_aws), [worker(rules=loaded)])
    assert drifts(rows) == {f"rule {NAME}": drift}


def test_a_rule_that_nobody_asked_for() -> None:
    """For this service by name it is drift; for any service it may be another team's; others' don't show."""
    ours = SamplingRule("by-hand", 1, 1.0, 1, service_name=NAME)
    theirs = SamplingRule("all", 50, 0.5, 1)
    foreign = SamplingRule("foreign", 2, 1.0, 1, service_name="another")
    rules = (RULE, ours, theirs, foreign)
    rows = rule_rows(asked(RULE), api(*rules), [worker(rules=rules)])
    assert [row.what for row in rows] == [f"rule {NAME}", "rule by-hand", "rule all"]
    assert drifts(rows) == {"rule by-hand": "asked for/AWS, asked for/loaded"}
    rows = rule_rows(asked(RULE), api(RULE, replace(theirs, fixed_rate=0.6)), [worker(rules=rules[::2])])
    assert drifts(rows) == {"rule all": "AWS/loaded", "rule all: FixedRate": "AWS/loaded"}


def test_no_worker_has_a_rule_that_sdks_ignore() -> None:
    """Where it is asked for, AWS alone has it, and that is right."""
    ignored = replace(RULE, rule_name="ignored", attributes={"a": "b"})
    assert drifts(rule_rows(asked(RULE, ignored), api(RULE, ignored), [worker()])) == {}
    assert drifts(rule_rows(asked(RULE), api(RULE, ignored), [worker()])) == {}


def test_rules_that_were_too_long_to_be_told_are_no_pass() -> None:
    """Nothing is known of them: that is not the same as alike."""
    cut = replace(worker(13), rules=None)
    rows = rule_rows(asked(RULE), api(RULE), [worker(), cut])
    assert drifts(rows) == {f"rule {NAME}": "AWS/loaded (13), asked for/loaded (13)"}


HELD = Version(2, datetime.fromisoformat(WRITTEN))
FULL = f"{PATH}/honeycomb/dataset"


@pytest.mark.parametrize(
    ("value", "stored", "older", "drift"),
    [
        (NAME, Stored("String", NAME, HELD), {}, ""),
        ("new", Stored("String", NAME, HELD), {}, "asked for/AWS, asked for/loaded"),
        (NAME, None, {}, "asked for/AWS, AWS/loaded, asked for/loaded"),
        ("new", Stored("String", "new", replace(HELD, number=3)), {}, "AWS/loaded, asked for/loaded"),
        (
            "new",
            Stored("String", "new", replace(HELD, number=3)),
            {HELD: NAME},
            "AWS/loaded, asked for/loaded",
        ),
        (NAME, Stored("String", NAME, replace(HELD, number=3)), {HELD: NAME}, ""),
        (NAME, Stored("String", "hand", replace(HELD, number=3)), {HELD: NAME}, "asked for/AWS, AWS/loaded"),
        (
            NAME,
            Stored("SecureString", None, replace(HELD, number=3)),
            {},
            "asked for/AWS, AWS/loaded, asked for/loaded",
        ),
    ],
)
def test_a_parameter_is_compared_by_version(
    value: str, stored: Stored | None, older: dict[Version, str], drift: str
) -> None:
    """What an older version held is in the history: written again with the same value it is no drift."""
    row = parameter_row(FULL, value, stored, older, [worker()], PATH)
    assert row.drift == drift
    is_other = stored is not None and stored.version != HELD
    assert needs_history(FULL, stored, [worker()], PATH) == is_other


def test_a_parameter_that_was_made_anew_is_another_although_its_version_is_the_same() -> None:
    """SSM counts from 1 again where one was deleted."""
    anew = Version(2, datetime.fromisoformat("2026-11-19T00:00:00+00:00"))
    row = parameter_row(FULL, NAME, Stored("String", NAME, anew), {}, [worker()], PATH)
    assert row.drift == "AWS/loaded, asked for/loaded"


ASKED_KEY = Key(f"{PATH}/honeycomb/api-key", "alias/aws/ssm", "Honeycomb API key, version 3")


@pytest.mark.parametrize(
    ("stored", "drift"),
    [
        (StoredKey(3, key_fingerprint(KEY), ASKED_KEY.description), ""),
        (StoredKey(3, key_fingerprint(OTHER_KEY), ASKED_KEY.description), "AWS/loaded, asked for/loaded"),
        (StoredKey(4, key_fingerprint(OTHER_KEY), ASKED_KEY.description), "AWS/loaded, asked for/loaded"),
        (StoredKey(3, key_fingerprint(KEY), "made by hand"), "asked for/AWS, asked for/loaded"),
        (None, "asked for/AWS, AWS/loaded, asked for/loaded"),
    ],
)
def test_the_key_is_compared_by_version_and_fingerprint(stored: StoredKey | None, drift: str) -> None:
    """A key that was deleted and written anew has the version of another one, and not its fingerprint."""
    row = key_row(ASKED_KEY, stored, [worker()])
    assert row.drift == drift
    assert KEY not in repr(row)


def test_a_key_that_is_not_the_parameters() -> None:
    """A variable's is the same by its fingerprint; a collector's worker needs none; else none is drift."""
    stored = StoredKey(3, key_fingerprint(KEY), ASKED_KEY.description)
    variable = Target("https://x", {"x-honeycomb-team": KEY})
    other = Target("https://x", {"x-honeycomb-team": OTHER_KEY})
    nothing = Target("http://collector")
    assert key_row(ASKED_KEY, stored, [worker(target=variable)]).drift == ""
    assert key_row(ASKED_KEY, stored, [worker(target=other)]).drift == "AWS/loaded, asked for/loaded"
    assert key_row(ASKED_KEY, stored, [worker(target=nothing, mode="collector")]).drift == ""
    assert key_row(ASKED_KEY, stored, [worker(target=nothing)]).drift == "AWS/loaded, asked for/loaded"
    assert "from a variable" in key_row(ASKED_KEY, stored, [worker(target=variable)]).loaded_shown


def test_workers_that_send_no_key_have_words_and_a_remedy_of_their_own() -> None:
    """Another endpoint gets none: waiting helps only those that hold an old one."""
    keyless, old = worker(target=Target("http://elsewhere")), worker()
    stored = StoredKey(3, key_fingerprint(KEY), ASKED_KEY.description)
    assert "sends to another place" in key_row(ASKED_KEY, stored, [keyless]).loaded_shown
    told = [key_remedy(workers, old="wait", none="unset") for workers in ([keyless], [old], [keyless, old])]
    assert told == ["unset", "wait", "unset; wait"]


def test_what_a_cut_document_lacks_is_not_told() -> None:
    """Rules and parameters that are missing may be loaded: neither a pass nor `(none)`."""
    cut = worker(rules=(), parameters={}, is_cut=True)
    [row] = rule_rows(asked(RULE), api(RULE), [cut])
    assert row.loaded_shown == "(too long to be told)"
    assert row.drift
    stored = Stored("String", NAME, HELD)
    assert parameter_row(FULL, NAME, stored, {}, [cut], PATH).loaded_shown == "(too long to be told)"
    assert parameter_row(FULL, NAME, stored, {}, [worker(parameters={})], PATH).loaded_shown == "(none)"


@pytest.mark.parametrize("service_name", ["*", "cruddur-*", "?ruddur-dev-backend-flask"])
def test_a_rule_with_a_wildcard_may_be_another_teams(service_name: str) -> None:
    """It isn't to be deleted because this service's requests can fall under it."""
    foreign = replace(RULE, rule_name="foreign", service_name=service_name)
    rows = rule_rows(asked(), api(foreign), [worker(rules=(foreign,))])
    assert [row.is_uninvited for row in rows] == [False]
    assert drifts(rows) == {}
