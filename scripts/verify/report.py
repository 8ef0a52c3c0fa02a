"""The report of a verification: table, JSON, JUnit."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from rich.table import Table
from rich.text import Text

from scripts.secrets import scrub
from scripts.verify.check import Result, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("table", "json", "junit")
_STYLES = {Status.PASS: "green", Status.FAIL: "bold red", Status.SKIP: "yellow"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def counts(results: Sequence[Result]) -> dict[str, int]:
    """Return how many checks passed, failed and were skipped."""
    counted = Counter(result.status for result in results)
    return {status.value: counted[status] for status in Status}


def to_json(environment: str, results: Sequence[Result]) -> str:
    """Return the report as a JSON document; its shape is part of the commands' contract."""
    document = {
        "environment": environment,
        "checks": [
            {
                "id": result.id,
                "status": result.status.value,
                "expected": result.expected,
                "actual": result.actual,
                "remedy": result.remedy,
            }
            for result in results
        ],
        "summary": counts(results),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def to_junit(environment: str, results: Sequence[Result], *, seconds: float) -> str:
    """Return the report as JUnit XML: one suite, a case for each check."""
    counted = counts(results)
    totals = {
        "tests": str(len(results)),
        "failures": str(counted["fail"]),
        "errors": "0",
        "skipped": str(counted["skip"]),
        "time": f"{seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "verify", **totals})
    suite = ElementTree.SubElement(root, "testsuite", {"name": f"verify.{environment}", **totals})
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": f"verify.{environment}", "name": _xml(result.id), "time": "0"}
        )
        text = _xml(f"expected: {result.expected}\nactual: {result.actual}\nremedy: {result.remedy}")
        if result.status is Status.FAIL:
            failure = ElementTree.SubElement(
                case, "failure", {"message": _xml(f"{result.actual}: {result.remedy}"), "type": "fail"}
            )
            failure.text = text
        elif result.status is Status.SKIP:
            ElementTree.SubElement(case, "skipped", {"message": _xml(f"{result.actual}: {result.remedy}")})
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def to_table(results: Sequence[Result]) -> Table:
    """Return the report as a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("check", "", "expected", "actual", "remedy"):
        table.add_column(name, overflow="fold", no_wrap=name == "")
    for result in results:
        table.add_row(
            Text(scrub(result.id)),
            Text(result.status.value, style=_STYLES[result.status]),
            Text(scrub(result.expected)),
            Text("as expected" if result.actual == result.expected else scrub(result.actual)),
            Text(scrub(result.remedy)),
        )
    return table


def _xml(text: str) -> str:
    """Return *text* without the characters that XML 1.0 can't hold."""
    return _NOT_XML.sub("\ufffd", text)
