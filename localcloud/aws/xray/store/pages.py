"""Traces of a window, the newest first, a page at a time: three queries, the wide columns last."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters

from collections.abc import Iterable
from dataclasses import dataclass

from localcloud.aws.xray.store.columns import quoted
from localcloud.aws.xray.store.database import find_stored
from localcloud.aws.xray.store.snapshot import Snapshot
from localcloud.aws.xray.store.sql import Fragment, Sql, all_of
from localcloud.aws.xray.store.windows import Window
from xray.traces import TraceFacts
from xray.traces.rows import COLUMNS, from_row

Key = tuple[int, str]
"""A trace's place in the order of pages: the second in its id, and the id."""

ELEMENTS_MAX = 5_000
"""Of services and calls in a page's traces, if it has more than one: large traces make a page shorter."""
_SAMPLING_STEPS = 1_000_000


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """One trace of a page."""

    facts: TraceFacts
    revision: int


def of_place(place: str) -> Sql:
    """Return the condition that a trace is of an account and region."""
    return Sql("t.place = ?", (place,))


def sampled(rate: float) -> Sql:
    """Return the condition that a trace is in a sample of this rate (0 to 1), the same one every time."""
    return Sql(f"hash(t.trace_id) % {_SAMPLING_STEPS} < ?", (round(rate * _SAMPLING_STEPS),))


def count(snapshot: Snapshot, window: Window, conditions: Iterable[Fragment]) -> int:
    """Return how many traces meet the conditions."""
    where = all_of([window.condition, *conditions])
    source = snapshot.source(window.bounds)
    ((found,),) = snapshot.rows(Sql(f"SELECT count(*) FROM {source} t WHERE {where.text}", where.parameters))
    return int(found)


def keys(
    snapshot: Snapshot, window: Window, conditions: Iterable[Fragment], after: Key | None, limit: int
) -> list[Key]:
    """Return the keys of the traces that meet the conditions and come after a key, at most `limit`."""
    return [key for key, _ in _sized_keys(snapshot, window, conditions, after, limit)]


def page(
    snapshot: Snapshot, window: Window, conditions: Iterable[Fragment], after: Key | None, size: int
) -> tuple[list[Key], bool]:
    """Return the keys of a page of at most `size` traces, see `keys`, and whether there are more."""
    found = _sized_keys(snapshot, window, conditions, after, size + 1)
    fitting = 0
    elements = 0
    for _, more in found[:size]:
        elements += more
        if fitting and elements > ELEMENTS_MAX:
            break
        fitting += 1
    return [key for key, _ in found[:fitting]], fitting < len(found)


def _sized_keys(
    snapshot: Snapshot, window: Window, conditions: Iterable[Fragment], after: Key | None, limit: int
) -> list[tuple[Key, int]]:
    """Return keys, each with the number of the trace's services and calls."""
    wanted = [window.condition, *conditions]
    if after is not None:
        wanted.append(Sql("(t.id_time, t.trace_id) < (?, ?)", after))
    where = all_of(wanted)
    text = (
        "SELECT t.id_time, t.trace_id, len(t.services) + len(t.edges)"
        f" FROM {snapshot.source(window.bounds)} t WHERE {where.text}"
        f" ORDER BY t.id_time DESC, t.trace_id DESC LIMIT {int(limit)}"
    )
    rows = snapshot.rows(Sql(text, where.parameters))
    return [((int(seconds), trace_id), elements) for seconds, trace_id, elements in rows]


def traces(snapshot: Snapshot, place: str, wanted: Iterable[Key]) -> list[FoundTrace]:
    """Return the traces of these keys, in their order."""
    ids = [trace_id for _, trace_id in wanted]
    rows = find_stored(snapshot, place, ids, f"t.revision, {quoted(COLUMNS)}")
    found = {}
    for revision, *values in rows:
        facts = from_row(dict(zip(COLUMNS, values, strict=True)))
        found[facts.trace_id] = FoundTrace(facts, revision)
    return [found[trace_id] for trace_id in ids]
