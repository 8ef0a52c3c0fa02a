"""The window that a query is run over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.query.specification import read
from scripts.queries import files, running
from scripts.queries.window import around

DURATION_MAX_SECONDS = 7 * 86400
NOW = st.floats(1.6e9, 4e9)
SINCE = st.integers(60, DURATION_MAX_SECONDS)


@given(NOW, SINCE)
def test_a_window_has_all_that_is_asked_for(now: float, since: int) -> None:
    """From the first moment to this one; of seven days, Honeycomb's limit, half an hour may be missing."""
    begin, end = around(now, since)
    assert end > now
    assert begin <= now - since or since > DURATION_MAX_SECONDS - 3600
    assert begin <= now - since + 3600
    assert end - begin <= DURATION_MAX_SECONDS


@given(NOW, SINCE)
def test_honeycomb_cuts_nothing_off(now: float, since: int) -> None:
    """Its rule (docs.honeycomb.io, api/query-results) leaves both ends where they are."""
    begin, end = around(now, since)
    hours = (end - begin) / 3600
    minutes = 1 if hours <= 6 else 5 if hours <= 48 else 30
    assert begin % (60 * minutes) == end % (60 * minutes) == 0


@given(NOW, SINCE)
def test_what_is_sent_is_a_query_that_honeycomb_takes(now: float, since: int) -> None:
    """The file's query with start, end and granularity, in as many parts as are drawn."""
    for query in files.load().values():
        if isinstance(query, files.HoneycombQuery):
            sent = running.prepared(query, since, now)
            checked = read(sent)
            assert checked.granularity is None or checked.duration / checked.granularity <= 60
            assert {**sent, "time_range": query.time_range}.items() >= query.query.items()
