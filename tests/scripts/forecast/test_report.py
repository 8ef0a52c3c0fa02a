"""The forms of the report: tables, Markdown, JSON, and the picture."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from rich.console import Console

from scripts.forecast import budget, costs, document, picture, prices, rates, report, words
from scripts.forecast.budget import Ours
from scripts.forecast.costs import Usage
from scripts.forecast.forecast import Forecast, forecast
from scripts.forecast.numbers import amount, money, per_second, percent, signed
from scripts.forecast.result import Result, Sampling
from scripts.forecast.slots import SLOTS
from tests.scripts.forecast.logs import DEFAULT, HEALTH, PREFIX, SERVICE, WEB, classes
from xray.sampling import SamplingRule, sort_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

EVIL = SamplingRule('<b>&"|`@everybody\x1b[31m\n', 7, 0.5, 1, http_method="POST")
ROUTES = "GET /home=40/s, POST /a|b<script>`x`=2/s, GET /rare=1/d, GET /health=1/s"
PRICES = prices.load()
WIDTH = 80


def _forecast(rules: Sequence[SamplingRule], text: str = ROUTES) -> Forecast:
    listed = sort_rules(rules)
    traffic = rates.traffic("ROUTES", rates.from_text(text), classes(listed))
    return forecast(traffic, listed, [one.decided_by[0] for one in traffic.classes], 3)


@pytest.fixture
def result() -> Result:
    """Proposed rules over a budget, hostile names among them, and applied ones."""
    usage = Usage()

    def sampling(*rules: SamplingRule) -> Sampling:
        made = _forecast(rules)
        return Sampling(made, costs.of(made.traces_per_second, usage, PRICES))

    proposed = sampling(WEB, HEALTH, EVIL, DEFAULT)
    ours = Ours(WEB.rule_name, PREFIX, SERVICE)
    within = budget.propose(proposed.forecast, ours, 60, usage, PRICES)
    assert within is not None
    return Result(
        environment="local",
        proposed=proposed,
        applied=sampling(WEB, DEFAULT),
        prices=PRICES,
        usage=usage,
        budget=60,
        blind_limit=0,
        within=within,
        hcl=budget.to_hcl(within, ours),
        notes=("a note",),
    )


def test_the_tables_fit_a_terminal(result: Result) -> None:
    """In eighty columns every number stays in one piece, and every rule and route can be read."""
    for rows in report.tables(result):
        console = Console(file=StringIO(), width=WIDTH, color_system=None)
        console.print(report._table(rows))
        text = console.file.getvalue()  # type: ignore[attr-defined]
        assert max(map(len, text.splitlines())) <= WIDTH
        for row in rows.rows:
            for name, cell in zip(rows.columns, row, strict=True):
                assert not name.startswith(">") or cell in text, (name, cell)


def test_applied_and_proposed_are_set_against_each_other(result: Result) -> None:
    """Rule by rule: what is new, what is the same, and by how much all changes."""
    rows = report.differences(result)
    assert rows is not None
    states = {row[0]: row[1] for row in rows.rows}
    assert states == {
        EVIL.rule_name: "new",
        HEALTH.rule_name: "new",
        WEB.rule_name: "same",
        "Default": "same",
        "all": "",
    }
    assert result.applied is not None
    change = result.proposed.forecast.traces_per_second - result.applied.forecast.traces_per_second
    assert rows.rows[-1][-1] == signed(change, amount(abs(change)))


def test_a_rule_that_an_apply_changes_is_told(result: Result) -> None:
    """A changed rate is no new rule, a removed one is gone."""
    changed = _forecast([SamplingRule(WEB.rule_name, 9000, 0.5, 5, service_name=SERVICE), DEFAULT])
    other = Result("local", Sampling(changed, result.proposed.costs), result.proposed, PRICES, Usage())
    rows = report.differences(other)
    assert rows is not None
    states = {row[0]: row[1] for row in rows.rows}
    assert (states[WEB.rule_name], states[HEALTH.rule_name]) == ("changed", "gone")


def test_markdown_has_all_of_it_and_nothing_of_anybodys_markup(result: Result) -> None:
    """Names from a log or an account are text: no cell is broken, nobody is called."""
    text = report.to_markdown(result)
    outside = text.split("```hcl")[0]
    heads = {rows.title: len(rows.columns) for rows in report.tables(result)}
    assert all(f"**{title}**" in text for title in heads)
    widths = {len(re.split(r"(?<!\\)\|", line)) - 2 for line in outside.splitlines() if line.startswith("|")}
    assert widths == set(heads.values())
    assert "<b>" not in outside
    assert "<script>" not in outside
    assert "@everybody" not in outside
    assert words.summary(result).split(";")[0].split(" traced")[0] in outside
    assert result.hcl in text


def test_json_has_every_number(result: Result) -> None:
    """As machines read it; without a budget and applied rules these are null."""
    found = json.loads(document.to_json(result))
    assert found["proposed"]["traces_per_second"] == result.proposed.forecast.traces_per_second
    assert [rule["name"] for rule in found["proposed"]["rules"]] == [
        part.rule.rule_name for part in result.proposed.forecast.rules
    ]
    assert found["budget"]["exceeded"] is True
    assert found["budget"]["sampling"]["costs"]["total"] <= 60
    assert found["applied"]["costs"]["total"] > 0
    assert found["prices"]["plans"][-1]["events_at_most"] is None
    bare = Result("local", result.proposed, None, PRICES, Usage())
    found = json.loads(document.to_json(bare))
    assert (found["applied"], found["budget"], found["blind_limit"]) == (None, None, None)


def test_what_is_said_names_rates_and_limits(result: Result) -> None:
    """Start, Default, health checks, blind spots, budget, and what nothing can know ahead."""
    said = "\n".join((*words.findings(result), *words.budget_lines(result), *words.assumptions(result)))
    assert "3 workers borrow a trace a second each" in said
    assert "Default: none (0% of the requests) is left to it" in said
    assert "health checks: 1.00/s, of which none traced" in said
    assert "left out on purpose: GET /health" in said
    assert "GET /rare" in said
    assert "which is over it" in said
    assert "no rule can keep errors or slow requests alone" in said
    assert "read on 2026-11-21" in said
    assert words.summary(result).endswith(", over budget, more than 0")


def test_a_budget_that_nothing_keeps_to_is_said(result: Result) -> None:
    """In words, where there are no rules to show."""
    none = Result("local", result.proposed, None, PRICES, Usage(), budget=1.0)
    assert "no rules keep within it" in "\n".join(words.budget_lines(none))


def _drawn(made: Forecast) -> tuple[ElementTree.Element, str]:
    text = picture.to_svg(made, 'sampled <"by"> & co\x1b')
    return ElementTree.fromstring(text), text  # noqa: S314 - our own


def test_the_picture_stacks_the_rules_within_its_frame(result: Result) -> None:
    """Valid XML whatever the names; a band for each rule that samples, each upon the one before."""
    root, text = _drawn(result.proposed.forecast)
    space = "{http://www.w3.org/2000/svg}"
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    bands = root.findall(f"{space}path")
    sampling = [part for part in result.proposed.forecast.rules if part.traces > 0]
    assert len(bands) == len(sampling)
    below = [float(picture.TOP + picture.PLOT)] * (2 * SLOTS)
    for band in bands:
        points = [tuple(map(float, point.split())) for point in band.attrib["d"][2:-2].split(" L ")]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        there, back = points[: len(points) // 2], points[len(points) // 2 :]
        assert [y for _, y in reversed(back)] == below
        below = [y for _, y in there]
    assert below[0] >= picture.TOP
    assert "\x1b" not in text
    legend = [element.text or "" for element in root.findall(f"{space}text")]
    assert any(name.startswith('<b>&"|`@everybody?[31m?: ') for name in legend)
    assert 'sampled <"by"> & co?' in legend


def test_the_picture_has_what_is_applied_as_a_line(result: Result) -> None:
    """Within the same frame, and named below; where it isn't known there is none."""
    assert result.applied is not None
    space = "{http://www.w3.org/2000/svg}"
    busier = _forecast([SamplingRule("all", 1, 1.0, 0), DEFAULT])
    for before in (result.applied.forecast, busier):
        root = ElementTree.fromstring(  # noqa: S314 - our own
            picture.to_svg(result.proposed.forecast, "both", before)
        )
        line, key = (element.attrib["points"] for element in root.findall(f"{space}polyline"))
        heights = [float(point.split(",")[1]) for point in line.split()]
        assert picture.TOP <= min(heights) <= max(heights) <= picture.TOP + picture.PLOT
        assert float(key.split()[0].split(",")[1]) < float(root.attrib["height"])
        assert any("applied now" in (text.text or "") for text in root.findall(f"{space}text"))
    assert "polyline" not in picture.to_svg(result.proposed.forecast, "one")


def test_many_rules_share_the_last_colour() -> None:
    """Six have their own; the rest are one band, and the sum stays."""
    rules = [SamplingRule(f"r{n}", n, 0.5, 1, url_path=f"/{n}") for n in range(1, 12)]
    made = _forecast([*rules, DEFAULT], ", ".join(f"GET /{n}={n}/s" for n in range(1, 12)))
    root, text = _drawn(made)
    assert len(root.findall("{http://www.w3.org/2000/svg}path")) == 7
    assert "5 further rules" in text


def test_a_picture_of_nothing() -> None:
    """No rule samples anything: axes alone."""
    root, _ = _drawn(_forecast([SamplingRule("none", 1, 0.0, 0), DEFAULT]))
    assert root.findall("{http://www.w3.org/2000/svg}path") == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.00001, "1e-05"),
        (0.0123, "0.012"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (1234567.8, "1,234,568"),
    ],
)
def test_numbers_are_short(value: float, shown: str) -> None:
    """Three digits or so, grouped."""
    assert amount(value) == shown


def test_other_numbers_as_a_person_reads_them() -> None:
    """A share that isn't none is not shown as none; a rate has the unit that makes it readable."""
    assert [percent(x) for x in (0, 0.0001, 0.05, 0.9999, 1)] == ["0%", "<0.1%", "5.0%", ">99.9%", "100%"]
    rates_shown = [per_second(x) for x in (0, 20, 0.5, 1 / 900, 1 / 86_400)]
    assert rates_shown == ["none", "20.0/s", "30.0/min", "4.00/h", "1.00/day"]
    assert (money(1234.5), signed(-1, "1"), signed(1, "1"), signed(0, "0")) == ("1,234.50", "-1", "+1", "0")
