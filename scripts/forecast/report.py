"""The tables, as rows of text: for the terminal with rich, and for a pull request as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from scripts.forecast import words
from scripts.forecast.numbers import amount, money, per_second, percent, signed
from scripts.forecast.texts import printable
from scripts.secrets import scrub
from xray.sampling import DEFAULT_RULE_NAME

if TYPE_CHECKING:
    from scripts.forecast.forecast import Forecast, RouteForecast
    from scripts.forecast.result import Result
    from scripts.output import Output

ROUTES_SHOWN = 20


@dataclass(frozen=True)
class Rows:
    """A table: its title, its columns (those of numbers begin with ``>``), and its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def by_rule(made: Forecast, title: str) -> Rows:
    """Return what each rule samples, a second."""
    rows = []
    for part in made.rules:
        rule = part.rule
        rows.append(
            (
                rule.rule_name,
                f"{rule.reservoir_size}/s + {percent(rule.fixed_rate)}",
                amount(made.per_second(part.requests)),
                amount(made.per_second(part.by_reservoir)),
                amount(made.per_second(part.by_rate)),
                amount(made.per_second(part.traces)),
                f"±{amount(made.deviation_per_second(part.variance))}",
            )
        )
    columns = ("rule", "reservoir, rate", ">requests", ">by reservoir", ">by rate", ">traces", ">day's ±")
    return Rows(f"{title}, a second", columns, tuple(rows))


def by_route(made: Forecast) -> Rows:
    """Return the busiest routes and every blind spot, up to twenty of each."""
    shown = made.routes[:ROUTES_SHOWN]
    shown += [route for route in made.blind if route not in shown][:ROUTES_SHOWN]
    title = "routes"
    if len(shown) < len(made.routes):
        title += f" (the busiest and the blind spots: {len(shown)} of {len(made.routes)})"
    columns = ("route", "rule", ">requests", ">traces", ">not seen on a day")
    common = _common_start([part.rule.rule_name for part in made.rules])
    return Rows(title, columns, tuple(_route(made, route, common) for route in shown))


def _common_start(names: list[str]) -> str:
    """Return what all names but Default's begin with, up to its last hyphen: it tells nothing in a table."""
    own = [name for name in names if name != DEFAULT_RULE_NAME] or [""]
    pairs = zip(min(own), max(own), strict=False)
    start = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return start[: start.rfind("-") + 1]


def _route(made: Forecast, route: RouteForecast, common: str) -> tuple[str, ...]:
    return (
        route.route,
        ", ".join(name.removeprefix(common) for name in route.rules),
        per_second(made.per_second(route.requests)),
        per_second(made.per_second(route.traces)),
        "left out" if route.is_left_out else percent(route.unseen) + (" blind" if route.is_blind else ""),
    )


def differences(result: Result) -> Rows | None:
    """Return proposed against applied, rule by rule; None where the applied rules aren't known."""
    if result.applied is None:
        return None
    before, after = result.applied.forecast, result.proposed.forecast
    then = {part.rule.rule_name: part for part in before.rules}
    now = {part.rule.rule_name: part for part in after.rules}
    rows = []
    for name in dict.fromkeys([*now, *then]):
        old = before.per_second(then[name].traces) if name in then else 0.0
        new = after.per_second(now[name].traces) if name in now else 0.0
        state = "new" if name not in then else "gone" if name not in now else ""
        changed = name in then and name in now and then[name].rule != now[name].rule
        rows.append((name, state or ("changed" if changed else "same"), *_change(old, new)))
    rows.append(("all", "", *_change(before.traces_per_second, after.traces_per_second)))
    columns = ("rule", "", ">applied", ">proposed", ">difference")
    return Rows("traces a second, applied and proposed", columns, tuple(rows))


def _change(old: float, new: float) -> tuple[str, str, str]:
    return amount(old), amount(new), signed(new - old, amount(abs(new - old)))


def costs(result: Result) -> Rows:
    """Return a month's bill, with the applied rules' beside it where they are known."""
    now = result.applied.costs if result.applied is not None else None
    rows = []
    for number, item in enumerate(result.proposed.costs.items):
        row = [item.sink, item.name, amount(item.amount), money(item.cost)]
        if now is not None:
            row += _priced(now.items[number].cost, item.cost)
        rows.append(tuple(row))
    total = ["", "in all", "", money(result.proposed.costs.total)]
    if now is not None:
        total += _priced(now.total, result.proposed.costs.total)
    currency = result.prices.currency
    columns = ["sink", "what", ">a month", f">{currency}"]
    columns += [f">{currency} applied", ">difference"] if now is not None else []
    return Rows("cost a month", tuple(columns), (*rows, tuple(total)))


def _priced(old: float, new: float) -> list[str]:
    return [money(old), signed(round(new - old, 2), money(abs(new - old)))]


def tables(result: Result) -> list[Rows]:
    """Return all tables, in their order."""
    found = [by_rule(result.proposed.forecast, "proposed rules"), by_route(result.proposed.forecast)]
    found += filter(None, [differences(result)])
    found.append(costs(result))
    if result.within is not None:
        found.append(by_rule(result.within.forecast, "rules within the budget"))
    return found


def show(result: Result, output: Output) -> None:
    """Print the report for a person."""
    for rows in tables(result):
        output.say("")
        output.say(rows.title, style="bold")
        output.show(_table(rows))
    output.say("")
    for line in (*words.findings(result), *words.budget_lines(result)):
        output.say(printable(line))
    if result.hcl:
        output.say("")
        output.say("for env.hcl:")
        for line in result.hcl.rstrip().splitlines():
            output.say(line)
    output.say("")
    for line in (*result.notes, *words.assumptions(result)):
        output.say(printable(line), style="dim")


def _table(rows: Rows) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows.columns:
        is_number = name.startswith(">")
        table.add_column(name.removeprefix(">"), justify="right" if is_number else "left", overflow="fold")
    for row in rows.rows:
        table.add_row(*(Text(scrub(printable(cell))) for cell in row))
    return table


def to_markdown(result: Result) -> str:
    """Return the report for a pull request."""
    parts = [f"### Forecast, {_escaped(result.environment)}\n", f"{_escaped(words.summary(result))}\n"]
    for rows in tables(result):
        parts.append(f"**{rows.title}**\n")
        head = " | ".join(name.removeprefix(">") for name in rows.columns)
        rule = " | ".join("---:" if name.startswith(">") else "---" for name in rows.columns)
        body = [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows.rows]
        parts.append("\n".join([f"| {head} |", f"| {rule} |", *body]) + "\n")
    said = (*words.findings(result), *words.budget_lines(result), *result.notes, *words.assumptions(result))
    parts.append("\n".join(f"- {_escaped(line)}" for line in said) + "\n")
    if result.hcl:
        parts.append(f"```hcl\n{result.hcl}```\n")
    return "\n".join(parts)


def _escaped(text: str) -> str:
    """Return text of anybody's making as plain Markdown: no markup, no mention of a person, one line."""
    for sign in "\\`*_{}[]<>|~":
        text = text.replace(sign, f"\\{sign}")
    return printable(text).replace("@", "@\u200b")
