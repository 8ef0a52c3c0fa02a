"""The report's forms."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from scripts import markdown
from scripts.verify.check import Result, Status, compared
from scripts.verify.printable import TEXT_MAX_CHARACTERS, printable
from scripts.verify.report import to_json, to_junit, to_markdown, to_table

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


@given(RESULTS)
def test_markdown_has_a_row_for_each_check_whatever_the_values_are(results: list[Result]) -> None:
    """Failures stand in the open and before all else; what was skipped and what passed is folded."""
    text = to_markdown("dev", results)
    shown = [line for line in text.splitlines() if line.startswith("| ")]
    sections = len({result.status for result in results})
    assert len(shown) == len(results) + 2 * sections
    failed = [result for result in results if result.status is Status.FAIL]
    assert text.count("<details>") == text.count("</details>") == sections - bool(failed)
    before = text.partition("<details>")[0]
    assert sum(line.startswith("| ") for line in before.splitlines()) == (len(failed) + 2 if failed else 0)


def test_markdown_says_how_it_stands() -> None:
    """In its second line; nothing checked is not the same as all passed."""
    passed, failed = Result("a", Status.PASS, "1", "1"), Result("b", Status.FAIL, "1", "2", "`make apply`")
    assert to_markdown("dev", [passed]).splitlines()[:3] == [
        "### Verify, dev",
        "",
        "**All passed**: 1 passed, 0 failed, 0 skipped.",
    ]
    text = to_markdown("dev", [passed, failed], title="Check")
    assert text.startswith("### Check, dev\n\n**Not all is well**: 1 passed, 1 failed, 0 skipped.\n")
    assert "| b | 1 | 2 | &#96;make apply&#96; |" in text
    assert "**Nothing was checked.**" in to_markdown("dev", [])


@pytest.mark.parametrize("worst", ["|", "<", "\u20ac", "@a "])
def test_markdown_keeps_to_githubs_limit(worst: str) -> None:
    """Thousands of checks with long values: passed ones are left out first, and how many is said."""
    long = worst * 2_000
    results = [Result(f"p{n}", Status.PASS, long, long) for n in range(2_000)]
    results += [Result(f"f{n}", Status.FAIL, "1", long, "apply") for n in range(5)]
    text = to_markdown("dev", results)
    assert len(text) <= markdown.size(text) <= markdown.LIMIT_BYTES
    assert all(f"| f{number} | 1 |" in text for number in range(5))
    assert "of 2000 are left out here" in text
    failures = to_markdown("dev", [Result(f"f{n}", Status.FAIL, long, long, long) for n in range(2_000)])
    assert markdown.size(failures) <= markdown.LIMIT_BYTES
    assert "| f0 |" in failures
    assert "of 2000 are left out here" in failures


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


@given(RESULTS)
def test_what_is_printable_harms_no_terminal_and_breaks_no_document(results: list[Result]) -> None:
    """Whatever services answered: no control, nothing that UTF-8 can't hold, and nothing endless."""
    shown = [printable(result) for result in results]
    for text in (text for result in shown for text in vars(result).values()):
        assert text.isprintable()
        assert len(text) <= TEXT_MAX_CHARACTERS
    to_json("dev", shown).encode()


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\ud800", "\u202e", "x" * 10_000])
def test_what_a_service_answers_is_shown_as_escapes(text: str) -> None:
    """A terminal's title, a lone surrogate, text turned round, a book."""
    result = printable(Result("x", Status.FAIL, "a", text, "b"))
    assert result.actual.isprintable()
    assert len(result.actual) <= TEXT_MAX_CHARACTERS
    assert result.actual != text


def test_long_texts_that_differ_beyond_the_cut_are_not_called_the_same() -> None:
    """A failure shows what is there, however alike it looks."""
    result = printable(Result("x", Status.FAIL, "a" * 3000, "a" * 2999 + "b", "apply"))
    console = Console(width=120, file=io.StringIO())
    console.print(to_table([result]))
    assert isinstance(console.file, io.StringIO)
    assert "as expected" not in console.file.getvalue()
