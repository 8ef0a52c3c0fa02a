"""X-Ray filter expressions among the units' inputs: refused before Terraform, and so AWS, sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import paths
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.environment import Environment
    from scripts.terragrunt.render import Unit

INPUT = "filter_expression"


def problem(text: object) -> str | None:
    """Return why *text* is no filter expression, on one line, or None."""
    # Not at the top: the grammar takes a tenth of a second to load, and most commands read no expression.
    from xray.filters import FilterError, parse

    try:
        parse(text)  # type: ignore[arg-type]  # whatever was rendered: parse refuses what is no text
    except FilterError as error:
        return str(error)
    return None


def load() -> None:
    """Load the grammar now, where there is time for it."""
    problem("ok")


def require_readable(units: Mapping[str, Unit], environment: Environment) -> None:
    """Raise OperatorError for a unit whose filter expression can't be read."""
    for name, unit in units.items():
        why = problem(unit.inputs[INPUT]) if INPUT in unit.inputs else None
        if why is not None:
            place = paths.shown(environment.folder / _place(unit))
            raise OperatorError(f"{INPUT} of unit {name}: {why}", remedy=f"correct {place}")


def _place(unit: Unit) -> str:
    """Return the file that has the expression: what was adopted goes before what env.hcl says."""
    for local, file in (("adopted", "adopted.hcl"), ("given", "env.hcl")):
        if INPUT in unit.root.get(local, {}):
            return file
    return f"{unit.name}/terragrunt.hcl"
