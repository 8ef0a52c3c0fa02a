"""Lists of traces: the id is whole, the status in words, links where a terminal shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.traces.listing import TraceLines, route, status_of
from tests.scripts.traces.drawn import assert_fits, drawn, without_colour
from tests.scripts.traces.generated import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

ID = "1-6b00394c-86dc7414b1580d1c774b5d{:02x}"


def summary(place: int, **more: Any) -> TraceSummaryTypeDef:
    """A trace of as many seconds as its *place*."""
    told = {
        "Id": ID.format(place),
        "StartTime": datetime(2026, 11, 21, 3, 0, place, tzinfo=UTC),
        "ResponseTime": float(place),
        "EntryPoint": {"Name": "cruddur-backend"},
        **more,
    }
    return cast("TraceSummaryTypeDef", told)


def http(status: int, path: str = "/api/activities") -> dict[str, Any]:
    """What a summary tells of a request."""
    return {"HttpMethod": "POST", "HttpURL": f"http://127.0.0.1:4567{path}", "HttpStatus": status}


def no_links(_: TraceSummaryTypeDef) -> Mapping[str, str]:
    """Nowhere to look at it."""
    return {}


SUMMARIES = [
    summary(8, Http=http(500), HasFault=True, HasError=False),
    summary(4, Http=http(429), HasThrottle=True, HasError=True),
    summary(2, Http=http(200, "/" + "a" * 17 + "?q=1")),
    summary(1, IsPartial=True),
]
AT_80 = """\
began     status              ms              request, trace below
03:00:08  fault 500       8000.0  ██████████  POST /api/activities
          1-6b00394c-86dc7414b1580d1c774b5d08  cruddur-backend
03:00:04  throttle 429    4000.0  █████       POST /api/activities
          1-6b00394c-86dc7414b1580d1c774b5d04  cruddur-backend
03:00:02  ok 200          2000.0  ██          POST /aaaaaaaaaaaaaaaaa?q=1
          1-6b00394c-86dc7414b1580d1c774b5d02  cruddur-backend
03:00:01  in progress     1000.0  ░           cruddur-backend
          1-6b00394c-86dc7414b1580d1c774b5d01
"""
AT_118 = """\
began     status              ms              trace                                request
03:00:08  fault 500       8000.0  ██████████  1-6b00394c-86dc7414b1580d1c774b5d08  POST /api/activities
03:00:04  throttle 429    4000.0  █████       1-6b00394c-86dc7414b1580d1c774b5d04  POST /api/activities
03:00:02  ok 200          2000.0  ██          1-6b00394c-86dc7414b1580d1c774b5d02  POST /aaaaaaaaaaaaaaaaa?q=1
03:00:01  in progress     1000.0  ░           1-6b00394c-86dc7414b1580d1c774b5d01  cruddur-backend
"""


@pytest.mark.parametrize(("width", "expected"), [(80, AT_80), (118, AT_118)])
def test_drawing(width: int, expected: str) -> None:
    """Two lines each where the id would leave no room for the request, else one."""
    assert drawn(TraceLines(SUMMARIES, 8.0, no_links), width=width) == expected


def test_colours_and_links_only_add() -> None:
    """On a terminal the id leads to the console, a word to Honeycomb; else there is no trace of links."""

    def links(one: TraceSummaryTypeDef) -> Mapping[str, str]:
        return {"xray_console": f"https://x.test/{one['Id']}", "honeycomb": "https://h.test/"}

    traces = TraceLines(SUMMARIES, 8.0, links)
    assert drawn(traces) == AT_80
    text = drawn(traces, colour=True)
    plain = without_colour(text)
    assert plain.replace("  X-Ray", "").replace("  Honeycomb", "") == AT_80
    assert f"https://x.test/{ID.format(8)}" in text
    assert "\x1b[31mfault 500" in text
    assert "\x1b[35mthrottle 429" in text


def test_status_is_the_worst() -> None:
    """A fault before throttling, that before an error, that before what is in progress."""
    flags = ("HasFault", "HasThrottle", "HasError", "IsPartial")
    for place, word in enumerate(("fault", "throttle", "error", "in progress", "ok")):
        assert status_of(summary(1, **dict.fromkeys(flags[place:], True))) == word


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"Http": http(200)}, "POST /api/activities"),
        ({"Http": {"HttpURL": "/already/a/path"}}, "/already/a/path"),
        ({"Http": {"HttpURL": "https://[broken/x"}}, "/x"),
        ({"Http": {}}, "cruddur-backend"),
        ({"EntryPoint": {}, "ServiceIds": [{"Name": "other"}]}, "other"),
        ({"EntryPoint": {}}, ""),
    ],
)
def test_routes(told: dict[str, Any], shown: str) -> None:
    """Method and path; without them the service where the trace began."""
    assert route(summary(1, **told)) == shown


TOLD = st.fixed_dictionaries(
    {},
    optional={
        "ResponseTime": st.floats(0, 1e300),
        "IsPartial": st.booleans(),
        "HasFault": st.booleans(),
        "Http": st.fixed_dictionaries(
            {}, optional={"HttpURL": TEXTS, "HttpMethod": TEXTS, "HttpStatus": st.integers(0, 2**31 - 1)}
        ),
        "EntryPoint": st.fixed_dictionaries({}, optional={"Name": TEXTS}),
    },
)


@given(st.lists(TOLD, max_size=4), st.integers(35, 200), st.booleans(), st.sampled_from(("utf-8", "ascii")))
def test_any_summaries_are_drawn(told: list[dict[str, Any]], width: int, dated: bool, encoding: str) -> None:
    """No line is too wide, none acts on the terminal, every id is whole."""
    found = [summary(place, **one) for place, one in enumerate(told)]
    text = drawn(TraceLines(found, 8.0, no_links, dated=dated), width=width, encoding=encoding)
    assert_fits(text, width)
    assert all(one["Id"] in text for one in found)
