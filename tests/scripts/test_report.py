"""The report's three forms."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from scripts.verify.check import Result, Status, compared
from scripts.verify.report import to_json, to_junit, to_table

RESULTS = st.lists(
    st.builds(
        Result,
        id=st.text(),
        status=st.sampled_from(Status),
        expected=st.text(),
        actual=st.text(),
        remedy=st.text(),
    ),
    max_size=6,
)


@given(RESULTS)
def test_json_has_the_contracts_shape(results: list[Result]) -> None:
    """Environment, checks, summary; the numbers add up."""
    document = json.loads(to_json("dev", results))
    assert set(document) == {"environment", "checks", "summary"}
    assert document["environment"] == "dev"
    assert [set(check) for check in document["checks"]] == [
        {"id", "status", "expected", "actual", "remedy"} for _ in results
    ]
    assert set(document["summary"]) == {"pass", "fail", "skip"}
    assert sum(document["summary"].values()) == len(results)


@given(RESULTS)
def test_junit_is_xml_whatever_the_values_are(results: list[Result]) -> None:
    """Control characters and markup in a value do not break the document; the counts are right."""
    document = ElementTree.fromstring(to_junit("dev", results, seconds=1.5))  # noqa: S314 - our own
    suite = document.find("testsuite")
    assert suite is not None
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(results)
    failures = sum(result.status is Status.FAIL for result in results)
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == failures
    skipped = sum(result.status is Status.SKIP for result in results)
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == skipped


@given(RESULTS)
def test_the_table_draws_whatever_the_values_are(results: list[Result]) -> None:
    """Square brackets are no markup there."""
    console = Console(width=120, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(to_table(results))


def test_a_failure_shows_what_differs_and_a_pass_shows_all() -> None:
    """Nobody has to look for the one wrong value of eleven."""
    wanted: dict[str, object] = {"rate": 0.1, "host": "*", "on": True}
    failure = compared("x", wanted, {"rate": 0.5, "host": "*", "on": True}, "apply")
    assert (failure.status, failure.expected, failure.actual) == (Status.FAIL, "rate=0.1", "rate=0.5")
    success = compared("x", wanted, {"rate": 0.1, "host": "*", "on": True, "more": 1}, "apply")
    assert (success.status, success.expected) == (Status.PASS, "rate=0.1, host=*, on=true")
    assert success.remedy == ""


def test_numbers_are_equal_as_numbers_and_booleans_are_none() -> None:
    """1 and 1.0 are the same rate; 1 and true are not the same."""
    assert compared("x", {"rate": 1}, {"rate": 1.0}, "").status is Status.PASS
    assert compared("x", {"on": True}, {"on": 1}, "").status is Status.FAIL
    assert compared("x", {"a": "b"}, {}, "").actual == "a=(none)"
