"""Whether the group's filter, as X-Ray has it, takes the traces that this backend sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.filters import INPUT
from scripts.verify.check import Result, Status, failed, passed
from xray.audit import group_effect, is_of_others, near, sample_traces, service_names
from xray.filters import FilterError, GroupError, parse, resolve
from xray.filters import tree as nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from mypy_boto3_xray.type_defs import GroupTypeDef

    from scripts.verify.expected import Group
    from xray.audit import Route
    from xray.filters import Expression, GroupVersion
    from xray.traces import TraceFacts

NAMES_SHOWN = 5


def effect_expectation(service_name: str) -> str:
    """Return in words what is asked for of the filter."""
    return f"takes traces of {service_name}"


def effect_result(
    found: GroupTypeDef | None,
    asked: Group,
    service_name: str,
    routes: Sequence[Route],
    real: Sequence[TraceFacts],
    groups: Callable[[Expression], Mapping[str, Sequence[GroupVersion]]],
    again: str,
) -> Result | None:
    """Return whether the group's filter takes some trace of this service.

    That is one of *real*, traces of the last hour, or, where it takes none of these, a trace made from the
    backend's settings: a filter for failures takes no trace of a good hour. None where it takes none at all
    and that depends on what is requested. *groups* asks for those that the filter names; what it raises is
    raised here.
    """
    check_id, expected = "xray.group.effect", effect_expectation(service_name)
    text = (found or {}).get("FilterExpression", "")
    tree = _read(text)
    if tree is None:
        why = "no such group" if found is None else "the filter can't be read" if text else "no filter"
        return Result(check_id, Status.SKIP, expected, why, again)
    try:
        others = groups(tree)
        effect = group_effect(tree, real, others)
        if effect.matched:
            return passed(check_id, expected, f"{effect.matched} of the last hour's {_traces(real)}")
        effect = group_effect(tree, sample_traces(service_name, routes=routes), others)
        is_wrong = is_of_others(resolve(tree, others), service_name)
    except FilterError as error:
        named = f"the groups that it names can't be followed: {error}"
        return Result(check_id, Status.SKIP, expected, named, _of_groups(error))
    seen = f"none of the last hour's {_traces(real)}" if real else "none sent in the last hour"
    if effect.matched:
        return passed(check_id, expected, f"{effect.matched} of {effect.total} sample traces ({seen})")
    if not is_wrong:
        return None
    actual = f"{seen}, none of {effect.total} sample traces: nothing meets {', '.join(effect.unmet)}"
    return failed(check_id, expected, actual, _remedy(tree, text, asked, service_name, again))


def nodes_result(
    found: GroupTypeDef | None, asked: Group, service_name: str, graph: Collection[str], again: str
) -> Result | None:
    """Return whether X-Ray saw the services that the filter names; *graph* has the names of those it saw.

    None where that can't be asked yet: there is no filter to be read, or the backend, under its name or a
    shorter or longer form of it, has sent nothing in that time. Other names that are near may be those of
    other environments.
    """
    check_id, tree = "xray.group.nodes", _read((found or {}).get("FilterExpression", ""))
    wanted = [] if tree is None else _missing(tree, ())
    if tree is None or not wanted:
        return None
    expected = f"X-Ray saw {', '.join(wanted)}"
    missing = _missing(tree, graph)
    if not missing:
        return passed(check_id, expected, f"{len(graph)} services in the last six hours meet that")
    if service_name in graph:
        likely = {name: meant for name in missing if (meant := near(name, graph)) is not None}
    else:
        likely = {name: meant for name in missing for meant in sorted(graph) if _is_form(name, meant)}
        if not likely:
            return None
    shown = ", ".join(sorted(graph)[:NAMES_SHOWN]) + (", ..." if len(graph) > NAMES_SHOWN else "")
    actual = f"not {', '.join(missing)}; it saw {shown}"
    if not likely:
        return failed(check_id, expected, actual, _remedy(tree, "", asked, service_name, again))
    name, meant = next(iter(likely.items()))
    remedy = f"{name} is probably {meant}: correct {INPUT} or service_name, then {again}"
    return failed(check_id, expected, actual, remedy)


def _read(text: str) -> Expression | None:
    try:
        return parse(text) if text else None
    except FilterError:
        return None


def _of_groups(error: FilterError) -> str:
    what = (
        "name a group that is there" if isinstance(error, GroupError) else "correct the named group's filter"
    )
    return f"{what}, or have {INPUT} of unit xray name none"


def _remedy(tree: Expression, text: str, asked: Group, service_name: str, again: str) -> str:
    if text and text != asked.filter_expression:
        return again
    wrong = next((name for name in service_names(tree) if near(name, [service_name])), None)
    if wrong is not None:
        return f"{wrong} is probably {service_name}: correct {INPUT} of unit xray, then {again}"
    return f"correct {INPUT} of unit xray, or service_name in env.hcl, then {again}"


def _missing(tree: Expression, graph: Collection[str]) -> list[str]:
    """Return the services that the filter needs and *graph* lacks; none where an alternative needs none."""
    match tree:
        case nodes.And(terms) | nodes.Or(terms):
            of_terms = [_missing(term, graph) for term in terms]
            if isinstance(tree, nodes.Or) and not all(of_terms):
                return []
            return list(dict.fromkeys(name for names in of_terms for name in names))
        case nodes.Not():
            return []
        case _:
            return [name for name in service_names(tree) if name not in graph]


def _is_form(name: str, other: str) -> bool:
    """Tell whether one name is the other without what stands before it, or in another case."""
    short, long = sorted((name.casefold(), other.casefold()), key=len)
    return short == long or long.endswith(f"-{short}")


def _traces(found: Sequence[TraceFacts]) -> str:
    return "1 trace" if len(found) == 1 else f"{len(found)} traces"
