"""What is asked for: time ranges, trace ids as people paste them, filters, groups; links and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import OperatorError
from scripts.traces import links
from scripts.traces.expressions import expression, pointed
from scripts.traces.json_form import to_json
from scripts.traces.reading import normal_trace_id
from scripts.traces.times import RETENTION, WINDOW_MAX, Range, asked
from tests.scripts.traces.generated import TEXTS
from xray.filters import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "1-581cf771-a006649127e371903a2de979"


@pytest.mark.parametrize(
    ("since", "begin", "end", "expected"),
    [
        (None, "", "", ("2026-11-21T11:50", "2026-11-21T12:00")),
        (60, "", "2026-11-21T10:00:00Z", ("2026-11-21T09:59", "2026-11-21T10:00")),
        (None, "2026-11-21T12:00:00+02:00", "", ("2026-11-21T10:00", "2026-11-21T12:00")),
        (None, "2026-11-20t10:00:00.5z", "2026-11-22T10:00:00Z", ("2026-11-20T10:00", "2026-11-21T12:00")),
    ],
)
def test_ranges(since: int | None, begin: str, end: str, expected: tuple[str, str]) -> None:
    """SINCE counts back from UNTIL, UNTIL is never ahead, times have any offset."""
    found = asked(since, begin, end, NOW)
    assert (f"{found.begin:%Y-%m-%dT%H:%M}", f"{found.end:%Y-%m-%dT%H:%M}") == expected


@pytest.mark.parametrize(
    ("since", "begin", "end", "words"),
    [
        (60, "2026-11-21T10:00:00Z", "", "SINCE and FROM"),
        (None, "2026-11-21T10:00:00", "", "no RFC 3339 time"),
        (None, "yesterday", "", "no RFC 3339 time"),
        (None, "2026-02-30T10:00:00Z", "", "no RFC 3339 time"),
        (None, "0001-01-01T00:00:00+23:59", "", "no RFC 3339 time"),
        (None, "", "2026-11-21", "UNTIL"),
        (None, "2026-11-21T11:00:00Z", "2026-11-21T10:00:00Z", "nothing between"),
        (None, "2026-11-22T11:00:00Z", "", "nothing between"),
        (None, "2026-09-01T00:00:00Z", "", "30 days"),
        (10**12, "", "", "30 days"),
    ],
)
def test_other_ranges_are_refused(since: int | None, begin: str, end: str, words: str) -> None:
    """With what is wrong."""
    with pytest.raises(OperatorError, match=words):
        asked(since, begin, end, NOW)


@given(st.integers(1, int(RETENTION.total_seconds())))
def test_windows_make_up_the_range(seconds: int) -> None:
    """The newest first, without a gap, none longer than X-Ray takes."""
    whole = Range(NOW - timedelta(seconds=seconds), NOW)
    windows = list(whole.windows())
    assert windows[0].end == whole.end
    assert windows[-1].begin == whole.begin
    assert all(later.begin == earlier.end for later, earlier in pairwise(windows))
    assert all(timedelta() < one.end - one.begin <= WINDOW_MAX for one in windows)


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f" {ID.upper()}\n",
        "581cf771a006649127e371903a2de979",
        f"Root={ID};Parent=53995c3f42cd8ad8;Sampled=1",
        f"X-Amzn-Trace-Id: Root={ID}",
        f"Self=1-1-1;Root={ID}",
        "00-581cf771a006649127e371903a2de979-53995c3f42cd8ad8-01",
        "traceparent: 00-581cf771a006649127e371903a2de979-53995c3f42cd8ad8-01",
    ],
)
def test_trace_ids_are_taken_as_they_are_pasted(text: str) -> None:
    """X-Ray's form, OpenTelemetry's, and whole headers."""
    assert normal_trace_id(text) == ID


@pytest.mark.parametrize(
    "text", ["", "1-2-3", "0" * 32, "Root=1-2-3;Sampled=1", "00-1-2-3", "g" * 32, "\ud800"]
)
def test_other_ids_are_refused(text: str) -> None:
    """With how to write one."""
    with pytest.raises(OperatorError, match="no trace id"):
        normal_trace_id(text)


def test_filters_and_groups_are_joined() -> None:
    """The filter in brackets: it may hold an OR."""
    assert expression("", "") == ""
    assert expression(" fault ", "") == "fault"
    assert expression("fault OR error", "a b") == 'group.name = "a b" AND (fault OR error)'
    parse(expression("fault OR error", "a b"))


@pytest.mark.parametrize("group", ['a"b', "a\\b", "x" * 33, "a\nb"])
def test_names_that_no_group_has_are_refused(group: str) -> None:
    """None can end the string that it stands in."""
    with pytest.raises(OperatorError, match="no group's name"):
        expression("", group)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('service("a") AND duration <', '  service("a") AND duration <\n                             ^\n'),
        ("foo = 1", "  foo = 1\n  ^\n"),
        ("fault AND\nfoo = 1", "  foo = 1\n  ^\n"),
    ],
)
def test_a_wrong_filter_is_pointed_at(text: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The line of it that is wrong, a caret below the place, and X-Ray's own form of words."""
    with pytest.raises(OperatorError, match="FILTER: Error Location: line"):
        expression(text, "")
    assert capsys.readouterr() == ("", shown)


@given(TEXTS, st.integers(1, 1000))
def test_a_caret_stands_below_any_text(text: str, position: int) -> None:
    """Escapes and long texts too; no line acts on the terminal."""
    line = text.split("\n")[0]
    above, below = pointed(text, 1, min(position, len(line) + 1))
    assert above.isprintable()
    assert len(above) < 220
    assert below.strip() == "^"


CONSOLE = links.console("eu-west-1", "arn:aws:sts::123456789012:assumed-role/x/y")


def test_links_to_the_console() -> None:
    """Of the caller's region and partition; of an unknown partition there is none."""
    address = f"https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/{ID}"
    assert CONSOLE.of(ID, 1.5, 2.5) == {"xray_console": address}
    china = links.console("cn-north-1", "arn:aws-cn:iam::123456789012:user/x").of(ID, 1, 2)
    assert china["xray_console"].startswith("https://cn-north-1.console.amazonaws.cn/")
    assert links.console("us-iso-east-1", "arn:aws-iso:iam::1:user/x").of(ID, 1, 2) == {}
    assert links.console("us-east-1", "").of(ID, 1, 2) == {}


@pytest.mark.parametrize(
    ("environment", "end", "expected"),
    [
        ("prod", 2.5, "/my%20team/environments/prod/trace?trace_id={}&trace_start_ts=1&trace_end_ts=3"),
        ("prod", None, "/my%20team/environments/prod/trace?trace_id={}&trace_start_ts=1"),
        ("", 2.5, "/my%20team/trace?trace_id={}&trace_start_ts=1&trace_end_ts=3"),
    ],
)
def test_links_to_honeycomb(environment: str, end: float | None, expected: str) -> None:
    """Whole seconds around the trace, 32 hex digits, Classic without an environment."""
    place = links.Place("https://ui.honeycomb.io", "my team", environment)
    found = CONSOLE.with_honeycomb(place).of(ID, 1.5, end)
    assert found["honeycomb"] == f"https://ui.honeycomb.io{expected}".format(ID[2:].replace("-", ""))


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("https://api.honeycomb.io", "https://ui.honeycomb.io"),
        ("https://api.eu1.honeycomb.io/", "https://ui.eu1.honeycomb.io"),
        ("http://api.honeycomb.io", ""),
        ("http://127.0.0.1:8080", ""),
        ("https://proxy.example", ""),
    ],
)
def test_only_honeycombs_own_hosts_have_a_user_interface(endpoint: str, address: str) -> None:
    """For others there is no link, and nobody is asked."""
    assert links.ui_of(endpoint) == address


def test_local_links_lead_to_the_events() -> None:
    """The local X-Ray has no console; the local Honeycomb answers with a trace's events."""
    found = links.Links(local_honeycomb="http://127.0.0.1:1").of(ID, 1, 2)
    assert found == {
        "local_honeycomb_events": f"http://127.0.0.1:1/_localcloud/traces/{ID[2:].replace('-', '')}"
    }


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    ),
    st.sampled_from((None, 2)),
)
def test_json_comes_back_and_acts_on_no_terminal(document: Any, indent: int | None) -> None:
    """One line where it is asked for; times in RFC 3339."""
    text = to_json({"document": document, "time": NOW}, indent=indent)
    assert json.loads(text) == {"document": document, "time": "2026-11-21T12:00:00+00:00"}
    assert text.endswith("\n")
    assert indent or text.count("\n") == 1
    text.encode()
    assert not set(text) & set("\x1b\x7f\x9b\u202e\u2066\u200b\ufeff")
