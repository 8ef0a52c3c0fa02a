"""The report of a verification: table, JSON, JUnit, Markdown."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from scripts import markdown
from scripts.secrets import scrub
from scripts.verify.check import Result, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

FORMATS = ("table", "json", "junit", "markdown")
_STYLES = {Status.PASS: "green", Status.FAIL: "bold red", Status.SKIP: "yellow"}
_WORDS = {Status.PASS: "passed", Status.FAIL: "failed", Status.SKIP: "skipped"}
# What a section of the Markdown shows, in this order: failures first, what passed last.
_SECTIONS = {
    Status.FAIL: ("expected", "actual", "remedy"),
    Status.SKIP: ("expected", "actual", "remedy"),
    Status.PASS: ("expected", "actual"),
}
# More than a section takes beside its rows: fold, table's head, the line that tells of what is left out.
_FRAME_BYTES = 300
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


def to_junit(environment: str, results: Sequence[Result], *, seconds: float, name: str = "verify") -> str:
    """Return the report as JUnit XML: one suite, a case for each check; *name* is the command's."""
    counted = counts(results)
    totals = {
        "tests": str(len(results)),
        "failures": str(counted["fail"]),
        "errors": "0",
        "skipped": str(counted["skip"]),
        "time": f"{seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": name, **totals})
    suite = ElementTree.SubElement(root, "testsuite", {"name": f"{name}.{environment}", **totals})
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": f"{name}.{environment}", "name": _xml(result.id), "time": "0"}
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


def to_markdown(environment: str, results: Sequence[Result], *, title: str = "Verify") -> str:
    """Return the report for a comment or an issue of GitHub's, within its 65,536 characters.

    One line that sums it up, a table of what failed, then, folded, what was skipped and what passed. Where
    that is too long, checks that passed are left out first; how many is said.
    """
    counted = counts(results)
    head = [f"### {markdown.escaped(title)}, {markdown.escaped(environment)}", "", _summed_up(counted), ""]
    left = markdown.LIMIT_BYTES - markdown.size("\n".join(head)) - _FRAME_BYTES * len(_SECTIONS)
    lines: list[str] = head
    for status, columns in _SECTIONS.items():
        found = [result for result in results if result.status is status]
        rows = [tuple(getattr(result, column) for column in ("id", *columns)) for result in found]
        section, left = _section(("check", *columns), rows, left)
        if section and status is not Status.FAIL:
            section = markdown.folded(f"{len(found)} {_WORDS[status]}", section)
        lines += [*section, ""] if section else []
    return "\n".join(lines)


def _summed_up(counted: dict[str, int]) -> str:
    total = sum(counted.values())
    said = ", ".join(f"{counted[status.value]} {word}" for status, word in _WORDS.items())
    if not total:
        return "**Nothing was checked.**"
    return f"**{'All passed' if counted['pass'] == total else 'Not all is well'}**: {said}."


def _section(columns: tuple[str, ...], rows: list[tuple[str, ...]], room_bytes: int) -> tuple[list[str], int]:
    """Return a table of as many rows as there is room for, none for no rows, and the room that is left."""
    if not rows:
        return [], room_bytes
    kept = markdown.table(columns, [])
    head_lines = len(kept)
    for row in rows:
        line = markdown.row(row)
        if room_bytes < markdown.size(line) + 1:
            break
        room_bytes -= markdown.size(line) + 1
        kept.append(line)
    left_out = len(rows) + head_lines - len(kept)
    if left_out:
        kept += ["", f"{left_out} of {len(rows)} are left out here: there is no room for them."]
        room_bytes = 0
    return kept, room_bytes


def to_table(results: Sequence[Result]) -> Table:
    """Return the report as a table."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("check", "", "expected", "actual", "remedy"):
        table.add_column(name, overflow="fold", no_wrap=name == "")
    for result in results:
        table.add_row(
            Text(scrub(result.id)),
            Text(result.status.value, style=_STYLES[result.status]),
            Text(scrub(result.expected)),
            Text(_differing(result)),
            Text(scrub(result.remedy)),
        )
    return table


def _differing(result: Result) -> str:
    """Return what is there; long texts that are cut may be the same to where they are, and are shown."""
    is_same = result.status is Status.PASS and result.actual == result.expected
    return "as expected" if is_same else scrub(result.actual)


def _xml(text: str) -> str:
    """Return *text* without the characters that XML 1.0 can't hold."""
    return _NOT_XML.sub("\ufffd", text)
