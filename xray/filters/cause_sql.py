"""The patterns of `rootcause.json` as SQL; `c` is a root cause."""

from __future__ import annotations

from xray.filters.cause_json import MEMBERS, Pattern, Shape, member_of


def causes_match(pattern: Pattern, lists: tuple[str, ...], parameters: list[str | float]) -> str:
    """Return SQL that tells whether a cause of one of the lists matches; its values go to `parameters`."""
    parts = []
    for causes in lists:
        condition = " AND ".join(_conditions(pattern, Shape.CAUSES, "c", parameters)) or "TRUE"
        parts.append(f"coalesce(len(list_filter({causes}, lambda c: coalesce({condition}, FALSE))), 0) > 0")
    return f"({' OR '.join(parts)})"


def _conditions(pattern: Pattern, shape: Shape, row: str, parameters: list[str | float]) -> list[str]:
    conditions: list[str] = []
    for name, wanted in pattern.members:
        member = member_of(shape, name)
        column = f"{row}{member.sql}"
        if wanted is None:
            conditions.append(f"{column} IS NULL")
        elif isinstance(wanted, bool):
            conditions.append(f"{column} = {str(wanted).upper()}")
        elif isinstance(wanted, str | float):
            parameters.append(wanted)
            conditions.append(f"{column} = ?")
        elif member.shape in MEMBERS:
            conditions.append(f"coalesce(len({column}), 0) = {len(wanted)}")
            for place, inner in enumerate(wanted, start=1):
                assert isinstance(inner, Pattern)  # noqa: S101 - the shape says so
                conditions += _conditions(inner, member.shape, f"{column}[{place}]", parameters)
        elif len(wanted) == 1 and isinstance(wanted[0], str):
            # A service of the facts has one name.
            parameters.append(wanted[0])
            conditions.append(f"{column} = ?")
        else:
            conditions.append("FALSE")
    return conditions
