"""Numbers as a person reads them."""

from __future__ import annotations


def amount(value: float) -> str:
    """Return three significant digits, grouped: ``0.0012``, ``1.23``, ``123``, ``12,345,678``."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) < 0.0001:
        return f"{value:.0e}"
    text = f"{value:.{3 if abs(value) < 0.1 else 2 if abs(value) < 10 else 1}f}"
    return f"{value:.4f}" if float(text) == 0 else text


def percent(share: float) -> str:
    """Return a share as a percentage; what isn't wholly 0 or 1 is not shown as that."""
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    return f"{share:.0%}" if share in {0.0, 1.0} else f"{share:.1%}"


def money(value: float) -> str:
    """Return an amount of money with two decimals."""
    return f"{value:,.2f}"


def signed(value: float, text: str) -> str:
    """Return *text*, of the absolute value, with the sign of *value*."""
    return f"+{text}" if value > 0 else f"-{text}" if value < 0 else text


def per_second(rate: float) -> str:
    """Return a rate in the unit in which it is at least one: ``12.3/s``, ``4.00/min``, ``2.00/day``."""
    if rate == 0:
        return "none"
    for seconds, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if rate * seconds >= 1:
            return f"{amount(rate * seconds)}/{unit}"
    return f"{amount(rate * 86_400)}/day"
