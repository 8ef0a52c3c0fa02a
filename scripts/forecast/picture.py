"""The picture: sampled traces a second by rule over the day, stacked, as SVG."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from scripts.forecast.numbers import amount
from scripts.forecast.slots import SLOTS
from scripts.forecast.texts import printable
from scripts.forecast.traffic import DAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.forecast.forecast import Forecast
    from scripts.forecast.slots import Slots

# Okabe and Ito's colours, which the colour-blind tell apart too.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
OTHERS = "#999999"
WIDTH, LEFT, RIGHT, TOP, PLOT = 960, 70, 20, 50, 300
LINE_PIXELS = 22
TICKS = 4
_NAME_MAX = 60
_DASHED = 'fill="none" stroke="#000000" stroke-width="2" stroke-dasharray="6 4"'


def to_svg(made: Forecast, title: str, before: Forecast | None = None) -> str:
    """Return the picture of *made*, and a dashed line for the sum of what *before*, of the same traffic, has.

    The six rules with most traces have a colour each, others share one.
    """
    bands = _bands(made)
    stacked = [0.0] * SLOTS
    line = _sum(before) if before is not None else []
    top = _round_up(max([*_sum(made), *line]))
    entries = len(bands) + (before is not None)
    height = TOP + PLOT + 50 + LINE_PIXELS * entries
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13" role="img">',
        f"<title>{_text(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="28" font-size="17" font-weight="bold">{_text(title)}</text>',
    ]
    parts += _axes(made.slots, top)
    for name, colour, values in bands:
        above = [low + value for low, value in zip(stacked, values, strict=True)]
        parts.append(f'<path d="{_band(stacked, above, top)}" fill="{colour}"><title>{name}</title></path>')
        stacked = above
    if before is not None:
        parts.append(f'<polyline points="{_line(line, top)}" {_DASHED}/>')
        y = TOP + PLOT + 50 + LINE_PIXELS * len(bands)
        parts.append(f'<polyline points="{LEFT},{y - 4} {LEFT + 14},{y - 4}" {_DASHED}/>')
        shown = amount(before.traces_per_second)
        parts.append(f'<text x="{LEFT + 22}" y="{y}">applied now: {shown} in all, on average</text>')
    for number, (name, colour, _) in enumerate(bands):
        y = TOP + PLOT + 50 + LINE_PIXELS * number
        parts.append(f'<rect x="{LEFT}" y="{y - 11}" width="14" height="14" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + 22}" y="{y}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bands(made: Forecast) -> list[tuple[str, str, list[float]]]:
    """Return name (escaped), colour and values of each band, the lowest first."""
    order = sorted(range(len(made.rules)), key=lambda number: -made.rules[number].traces)
    sampling = [number for number in order if made.rules[number].traces > 0]
    own = sampling if len(sampling) <= len(COLOURS) else sampling[: len(COLOURS) - 1]
    bands = []
    for number, colour in zip(own, COLOURS, strict=False):
        part = made.rules[number]
        name = f"{part.rule.rule_name}: {amount(made.per_second(part.traces))} traces a second on average"
        bands.append((_text(name), colour, made.slots.per_second(number)))
    rest = [number for number in sampling if number not in own]
    if rest:
        values = [sum(of) for of in zip(*(made.slots.per_second(number) for number in rest), strict=True)]
        bands.append((f"{len(rest)} further rules", OTHERS, values))
    return bands


def _sum(made: Forecast) -> list[float]:
    """Return the traces a second of all rules, slot by slot."""
    each = [made.slots.per_second(number) for number in range(len(made.rules))]
    return [sum(values) for values in zip(*each, strict=True)]


def _line(values: Sequence[float], top: float) -> str:
    return " ".join(
        f"{_x(slot + end):.1f},{_y(values[slot], top)}" for slot in range(SLOTS) for end in (0, 1)
    )


def _axes(slots: Slots, top: float) -> Iterator[str]:
    for number in range(TICKS + 1):
        value = top * number / TICKS
        y = _y(value, top)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#dddddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{amount(value)}</text>'
    for slot, label in _times(slots):
        x = _x(slot)
        yield f'<text x="{x:.1f}" y="{TOP + PLOT + 20}" text-anchor="middle">{label}</text>'
    yield f'<text x="{LEFT}" y="{TOP - 6}" fill="#555555">sampled traces a second, by time (UTC)</text>'


def _times(slots: Slots) -> Iterator[tuple[int, str]]:
    """Yield eight places on the axis with their times (UTC)."""
    for slot in range(0, SLOTS + 1, SLOTS // 8):
        if slots.is_a_day:
            yield slot, f"{slot * DAY_SECONDS // SLOTS // 3600:02}:00"
        else:
            at = datetime.fromtimestamp(slots.begin + slot * slots.width, UTC)
            yield slot, at.strftime("%H:%M:%S")


def _band(low: Sequence[float], high: Sequence[float], top: float) -> str:
    """Return a path in steps: along the upper edge, back along the lower one."""
    there = [f"{_x(slot + end):.1f} {_y(high[slot], top)}" for slot in range(SLOTS) for end in (0, 1)]
    back = [f"{_x(slot + end):.1f} {_y(low[slot], top)}" for slot in reversed(range(SLOTS)) for end in (1, 0)]
    return f"M {' L '.join([*there, *back])} Z"


def _x(slot: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * slot / SLOTS


def _y(value: float, top: float) -> float:
    return round(TOP + PLOT * (1 - value / top), 1)


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 4, 5, 8 and 10 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10, 20) if step * power >= value)


def _text(text: str) -> str:
    """Return a name of anybody's making as XML's text, without what XML can't hold."""
    shown = printable(text)
    return escape(shown if len(shown) <= 2 * _NAME_MAX else f"{shown[: 2 * _NAME_MAX]}…")
