"""What is checked: groups, rules and names, as asked for or as a plan would leave them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scripts.verify import expected
from xray.sampling import DEFAULT_RULE, SamplingRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.terragrunt.render import Unit

_WHOLE = ("Priority", "ReservoirSize", "Version")
_NAMES = ("xray/group-name", "xray/sampling-rule-name")


@dataclass(frozen=True)
class Group:
    """A group; its filter is None where only an apply will tell it."""

    name: str
    filter_expression: str | None


@dataclass(frozen=True)
class Subject:
    """One of both: `prefix` is what its checks' ids begin with, `place` where to correct it.

    `broken` are rules that can't be read as such, each with why; `unknown` what only an apply will tell.
    `names` are the X-Ray names that the backend is told, by parameter below its path.
    """

    prefix: str
    place: str
    service_name: str
    groups: tuple[Group, ...] = ()
    rules: tuple[SamplingRule, ...] = ()
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    allows_ignored_rules: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def with_default(self) -> tuple[SamplingRule, ...]:
        """The rules as X-Ray will have them: with its own last one."""
        return (*self.rules, DEFAULT_RULE)


def configured(units: Mapping[str, Unit]) -> Subject:
    """Return what the rendered units ask for. Raises OperatorError for inputs missing or not known."""
    unit = units["xray"]
    asked = expected.xray(unit)
    rules, broken = rules_of(asked.rules.items())
    names: dict[str, str] = {}
    if "honeycomb" in units:
        values = expected.parameters(units["honeycomb"]).values
        names = {below: value for name, value in values.items() if (below := below_path(name)) in _NAMES}
    return Subject(
        prefix="",
        place=unit.target.source,
        service_name=unit.target.service_name,
        groups=(Group(asked.group.name, asked.group.filter_expression or ""),),
        rules=rules,
        broken=broken,
        allows_ignored_rules=asked.allows_ignored_rules,
        names=names,
    )


def below_path(name: str) -> str:
    """Return the last two parts of a parameter's name, which say what it holds."""
    return "/".join(name.split("/")[-2:])


def is_name(below: str) -> bool:
    """Tell whether a parameter holds one of the X-Ray names that the backend loads."""
    return below in _NAMES


def rules_of(
    documents: Iterable[tuple[str, Mapping[str, Any]]],
) -> tuple[tuple[SamplingRule, ...], tuple[str, ...]]:
    """Return the rules of X-Ray's structures by name, and what is wrong with those that are none."""
    rules, broken = [], []
    for name, members in documents:
        odd = [member for member in _WHOLE if not _is_whole(members.get(member, 1))]
        if odd:
            broken.append(f"{name}: {odd[0]} is {members[odd[0]]!r}, expected a whole number")
            continue
        try:
            rules.append(SamplingRule.from_api({**members, "RuleName": name}))
        except ValueError as error:
            broken.append(f"{name}: {str(error).removeprefix(f'SamplingRule {name}: ')}")
    return tuple(rules), tuple(broken)


def _is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)
