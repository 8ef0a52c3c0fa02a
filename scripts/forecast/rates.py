"""Traffic as rates by route: ``GET /api/activities/home=20/s``, or the same as JSON or a CSV."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from scripts.forecast.traffic import DAY_SECONDS, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scripts.forecast.classes import Classes

RATE_MAX = 1e6
_UNIT_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": DAY_SECONDS, "": 1}
_RATE = re.compile(r"\s*([0-9.eE+-]+)\s*(?:/\s*(s|min|m|h|d))?\s*")
_ROUTE = re.compile(r"\s*([A-Za-z]{1,10})\s+(/\S*)\s*")
_FORM = "write routes as GET /api/activities/home=20/s, POST /api/activities=3/min"

Rate = tuple[str, str, float]
"""Method, path, and requests a second."""


def from_text(text: str) -> list[Rate]:
    """Return the rates of ``GET /path=20/s, POST /other=3/min``. Raises OperatorError for another form."""
    parts = [part for part in re.split(r",\s*(?=[A-Za-z]+\s+/)", text) if part.strip()]
    if not parts:
        raise OperatorError("ROUTES names no route", remedy=_FORM)
    found = []
    for part in parts:
        route, separator, rate = part.rpartition("=")
        if not separator:
            raise OperatorError(f"ROUTES: {part.strip()!r} has no rate", remedy=_FORM)
        found.append(_rate("ROUTES", route, rate))
    return found


def from_json(place: str, content: bytes) -> list[Rate]:
    """Return the rates of ``{"GET /path": 20}`` or ``[{"route": "GET /path", "requests_per_second": 20}]``.

    Raises OperatorError for anything else.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise OperatorError(f"{place} is neither a log nor JSON ({reason})", remedy=_FORM) from error
    pairs: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        pairs = list(document.items())
    elif isinstance(document, list) and all(isinstance(one, dict) for one in document):
        pairs = [(one.get("route"), one.get("requests_per_second")) for one in document]
    if not pairs:
        raise OperatorError(
            f"{place} has no rates",
            remedy='expected {"GET /path": 20} or [{"route": "GET /path", "requests_per_second": 20}]',
        )
    return [_rate(place, route, rate) for route, rate in pairs]


def _rate(place: str, route: Any, rate: Any) -> Rate:
    found = _ROUTE.fullmatch(route) if isinstance(route, str) else None
    if found is None:
        raise OperatorError(f"{place}: {_short(route)} is no route", remedy=_FORM)
    per_second = _per_second(rate)
    if per_second is None:
        raise OperatorError(
            f"{place}: {_short(rate)} is no rate for {route.strip()[:80]}",
            remedy=f"expected 0 to {RATE_MAX:g} requests a second, such as 20/s, 3/min, 5/h or 10/d",
        )
    return found[1].upper(), found[2].partition("?")[0], per_second


def _per_second(rate: Any) -> float | None:
    text, unit = "", ""
    if isinstance(rate, str):
        found = _RATE.fullmatch(rate)
        if found is None:
            return None
        text, unit = found[1], found[2] or ""
    elif isinstance(rate, int | float) and not isinstance(rate, bool):
        text = str(rate)
    try:
        value = float(text) / _UNIT_SECONDS[unit]
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= RATE_MAX else None


def traffic(source: str, rates: Sequence[Rate], classes: Classes) -> Traffic:
    """Return rates as a day's traffic that arrives at random; a route given twice has both rates.

    Raises OperatorError where all are 0.
    """
    for method, path, rate in rates:
        classes.met[classes.number_of(method, "", path)].requests += rate * DAY_SECONDS
    if not any(one.requests for one in classes.met):
        raise OperatorError(f"{source}: every rate is 0", remedy=_FORM)
    notes = [f"more than {len(classes.met)} routes: further ones are taken as one"] if classes.folded else []
    notes += ["the rates are taken as steady, and requests as arriving at random (Poisson)"]
    return Traffic(source, classes.met, DAY_SECONDS, notes=notes)


def _short(value: Any) -> str:
    return repr(value)[:80]


def listed(rates: Iterable[Rate]) -> str:
    """Return rates in the form in which ROUTES takes them."""
    return ", ".join(f"{method} {path}={rate:g}/s" for method, path, rate in rates)
