"""The service graph: figures, and the drawing, also of calls in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.traces.graph import lines, percentile, read
from scripts.traces.graph_drawing import LINES_MAX, Graph
from tests.scripts.traces.drawn import assert_fits, drawn, without_colour
from tests.scripts.traces.generated import TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_xray.type_defs import ServiceTypeDef

HISTOGRAM = [{"Value": 0.01, "Count": 90}, {"Value": 1.5, "Count": 10}]


def statistics(total: int, *, errors: int = 0, faults: int = 0, seconds: float = 0.1) -> dict[str, Any]:
    """Statistics as X-Ray gives them; each request took *seconds*."""
    return {
        "OkCount": total - errors - faults,
        "ErrorStatistics": {"ThrottleCount": 0, "OtherCount": errors, "TotalCount": errors},
        "FaultStatistics": {"OtherCount": faults, "TotalCount": faults},
        "TotalCount": total,
        "TotalResponseTime": total * seconds,
    }


def service(reference: int, name: str, kind: str, *calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A service with its calls."""
    return {"ReferenceId": reference, "Name": name, "Type": kind, "Edges": list(calls), **more}


def call(to: int, told: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A call to the service *to*."""
    return {"ReferenceId": to, "SummaryStatistics": told, "ResponseTimeHistogram": HISTOGRAM, **more}


ANSWER = [
    service(
        1,
        "backend",
        "AWS::ECS::Container",
        call(2, statistics(60)),
        call(3, statistics(12, faults=3), EdgeType="link"),
        Root=True,
        SummaryStatistics=statistics(120, errors=4, faults=2),
        ResponseTimeHistogram=HISTOGRAM,
    ),
    service(0, "backend", "client", call(1, statistics(120, errors=4, faults=2))),
    service(2, "users", "AWS::DynamoDB::Table", SummaryStatistics=statistics(60)),
    service(3, "other", "", call(1, statistics(3)), call(2, statistics(1)), SummaryStatistics=statistics(12)),
    service(4, "alone", "remote"),
]
AT_80 = """\
calls, as the caller saw them      requests  errors  faults   mean ms    P95 ms
backend (client)
└─ backend (AWS::ECS::Container)        120    3.3%    1.7%     100.0    1500.0
   ├─ users (AWS::DynamoDB::Table)       60    0.0%    0.0%     100.0    1500.0
   └─ other [link]                       12    0.0%   25.0%     100.0    1500.0
      ├─ backend (above)                  3    0.0%    0.0%     100.0    1500.0
      └─ users (above)                    1    0.0%    0.0%     100.0    1500.0
alone (remote)

services, as they saw themselves   requests  errors  faults   mean ms    P95 ms
backend (AWS::ECS::Container)           120    3.3%    1.7%     100.0    1500.0
users (AWS::DynamoDB::Table)             60    0.0%    0.0%     100.0
other                                    12    0.0%    0.0%     100.0
alone (remote)
"""


def services(answer: Sequence[dict[str, Any]]) -> Graph:
    """What is drawn of X-Ray's *answer*."""
    return Graph(read(cast("Sequence[ServiceTypeDef]", answer)))


def test_drawing_at_80_columns() -> None:
    """From the client down; who was drawn above is not followed again; rates, mean and P95 of each call."""
    assert drawn(services(ANSWER)) == AT_80


def test_colours_only_mark_what_fails() -> None:
    """Faults are red, errors yellow; the text is the same without."""
    text = drawn(services(ANSWER), colour=True)
    assert without_colour(text) == AT_80
    assert "\x1b[31m    1.7%" in text
    assert "\x1b[33m    3.3%" in text


@pytest.mark.parametrize("width", [160, 80, 50, 30, 12, 1])
def test_drawing_in_any_width(width: int) -> None:
    """The last columns go first."""
    text = drawn(services(ANSWER), width=width)
    assert_fits(text, width)
    assert ("P95 ms" in text) == (width >= 80)


def test_an_empty_graph() -> None:
    """Nothing was seen."""
    assert list(lines(read([]))) == []


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 50)), max_size=20))
def test_the_percentile_is_that_of_the_single_values(entries: list[tuple[float, int]]) -> None:
    """The smallest value that 95 of a hundred stay within."""
    found = percentile([{"Value": value, "Count": count} for value, count in entries])
    values = sorted(value for value, count in entries for _ in range(count))
    if not values:
        assert found is None
    else:
        assert found in values
        assert sum(value <= found for value in values) >= 0.95 * len(values)
        below = [value for value in values if value < found]
        assert len(below) < 0.95 * len(values)


@st.composite
def answers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Graphs of any shape; calls may lead to services that aren't told."""
    references = draw(st.lists(st.integers(0, 12), unique=True, max_size=10))
    figures = st.builds(
        statistics, st.integers(0, 10**12), seconds=st.floats(0, 1e300), faults=st.integers(0, 5)
    )
    calls = st.builds(call, st.integers(0, 13), figures)
    kinds = st.one_of(st.just("client"), TEXTS)
    return [
        service(reference, draw(TEXTS), draw(kinds), *draw(st.lists(calls, max_size=5)))
        for reference in references
    ]


@given(answers(), st.integers(1, 100))
def test_any_graph_is_drawn(answer: list[dict[str, Any]], width: int) -> None:
    """Each service is followed once, each call is a line, and no line is too wide."""
    known = read(cast("Sequence[ServiceTypeDef]", answer))
    found = list(lines(known))
    assert sorted(line.service.reference for line in found if not line.above) == sorted(known)
    calls = sum(one.to in known for service_ in known.values() for one in service_.calls)
    assert sum(line.call is not None for line in found) == calls
    assert_fits(drawn(services(answer), width=width), width)


def test_a_chain_beyond_all_measure() -> None:
    """A thousand services in a row: bounded, and told how many are left out."""
    chain = [service(n, f"s{n}", "remote", call(n + 1, statistics(1))) for n in range(1000)]
    text = drawn(services(chain))
    assert_fits(text, 80)
    assert f"… {1000 - LINES_MAX} more" in text
    assert "+291 " in text
