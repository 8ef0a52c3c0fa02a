"""Long traces: where failures began, what is folded, and the way around a failing span."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scripts.traces.folding import ROWS_MAX, Folded, Gap, Shown, rows
from scripts.traces.spans import Counts, Span, Thrown, failing, path_to, walk
from scripts.waterfall import draw
from tests.scripts.traces.drawn import drawn


def span(name: str, *children: Span, status: str = "ok", start: float = 0.0, thrown: str = "") -> Span:
    """A span of one second."""
    exceptions = (Thrown("ValueError", thrown),) if thrown else ()
    return Span(name, name, start, start + 1, status, children=children, exceptions=exceptions)


def _names(spans: list[Span]) -> list[str]:
    return [one.name for one in spans]


def test_failures_are_told_where_they_began() -> None:
    """Not by those above, which fail for it; but by those with an exception of their own."""
    deepest = span("deepest", status="fault", thrown="boom")
    handed_up = span("handed up", span("passes by", deepest), status="fault", thrown="boom")
    other = span("other", span("cause", status="error"), status="fault", thrown="another")
    root = span("root", handed_up, other, span("fine"), status="fault")
    assert _names(failing([root])) == ["deepest", "other", "cause"]
    assert failing([span("fine")]) == []


def test_what_x_ray_made_up_is_no_beginning() -> None:
    """An inferred segment repeats what its caller said; it counts only where no caller fails."""
    inferred = replace(span("table", status="fault"), marks=("inferred",))
    assert _names(failing([span("call", inferred, status="fault")])) == ["call"]
    assert _names(failing([span("call", inferred)])) == ["table"]
    assert Counts.of([span("call", inferred, status="fault")]) == Counts(sent=1, inferred=1, failing=1)
    assert Counts.of([span("call", inferred)]) == Counts(sent=1, inferred=1, failing=1)


def test_what_x_ray_made_up_is_counted_apart() -> None:
    """In a folded line, and where there are more than two hundred lines; what it repeats fails once."""
    inferred = replace(span("table", status="fault"), marks=("inferred",))
    calls = [span("query", inferred, status="fault", start=n / 100) for n in range(9)]
    (folded,) = [row for row in rows([span("root", *calls)]) if isinstance(row, Folded)]
    assert (folded.text, folded.spans, folded.failing) == ("6 more like query, 6 spans, 6 inferred", 12, 6)
    many = [span(f"query {n}", inferred, status="fault", start=n / 100) for n in range(150)]
    found = list(rows([span("root", *many)]))
    shown = [row.span for row in found if isinstance(row, Shown)]
    (folded,) = [row for row in found if isinstance(row, Folded)]
    left = 150 - sum(one.is_inferred for one in shown)
    sent = 151 - sum(not one.is_inferred for one in shown)
    assert 0 < sent <= left
    assert folded.text == f"{sent} more, {left} inferred"
    assert (folded.spans, folded.failing) == (sent + left, sent)


def test_ways_lead_to_a_span() -> None:
    """The root first; none to what isn't there."""
    wanted = span("c")
    roots = [span("a"), span("b", span("x"), wanted)]
    assert _names(path_to(roots, wanted)) == ["b", "c"]
    assert path_to(roots, span("c")) == []


def test_many_alike_are_folded() -> None:
    """Three are shown, the rest is counted, with all that is below and fails; six are all shown."""
    many = [span("query", span("row", status="fault"), start=n / 100) for n in range(9)]
    found = list(rows([span("root", *many[:6])]))
    assert [type(row) for row in found] == [Shown] * 13
    (folded,) = [row for row in rows([span("root", *many, span("last", start=5))]) if isinstance(row, Folded)]
    assert (folded.text, folded.spans, folded.failing) == ("6 more like query, 12 spans", 12, 6)


def test_gaps_are_told() -> None:
    """Stretches of a quarter of the trace in which no child works; a leaf's own time is none."""
    root = Span(
        "a", "a", 0, 10, children=(Span("b", "b", 3, 4), Span("c", "c", 3.5, 7), Span("d", "d", 8, 9))
    )
    assert [(row.begin, row.end) for row in rows([root]) if isinstance(row, Gap)] == [(0, 3)]


def _long() -> tuple[Span, Span]:
    target = span("target", span("inside"), status="fault", start=50.0)
    siblings = [span(f"s{n}", span("child"), start=float(n)) for n in range(100)]
    siblings[50] = target
    return span("root", span("early"), span("caller", *siblings, start=1.0), span("late", start=99.0)), target


AROUND = """\
span                            0             100000.0 ms        ms status
root                            █                            1000.0 ok
  … 1 before                    ·
  caller                        █                            1000.0 ok
    … 49 before, 98 spans       ············
    s49                                     █                1000.0 ok
      … 1 below                 ·
    target                                  █                1000.0 fault
      inside                    █                            1000.0 ok
    s51                                     █                1000.0 ok
      … 1 below                 ·
    … 48 after, 96 spans        ·························
  … 1 after                                             ·
"""


def test_a_failing_span_is_shown_with_what_surrounds_it() -> None:
    """Its ancestors, the neighbours before and after it, what is below it; all else is counted."""
    root, target = _long()
    found = list(rows([root], target))
    assert [row.span.name for row in found if isinstance(row, Shown) and row.focus] == ["target"]
    shown = [row.span.name for row in found if isinstance(row, Shown)]
    assert shown == ["root", "caller", "s49", "target", "inside", "s51"]
    assert drawn(draw([root], focus=target)) == AROUND


_SHAPES = st.lists(
    st.tuples(
        st.integers(0, 100), st.sampled_from("aab"), st.sampled_from(("ok", "ok", "fault")), st.floats(0, 99)
    ),
    min_size=1,
    max_size=40,
)


@st.composite
def forests(draw_: st.DrawFn) -> list[Span]:
    """Trees with few names, so that siblings are alike; a span's parent is one before it, or none."""
    shapes = draw_(_SHAPES)
    children: list[list[Span]] = [[] for _ in shapes]
    roots: list[Span] = []
    for place in range(len(shapes) - 1, -1, -1):
        number, name, status, start = shapes[place]
        made = Span(name, name, start, start + number, status, children=tuple(children[place]))
        parent = number % (place + 1)
        (roots if parent == place else children[parent]).append(made)
    return roots


@given(forests(), st.data())
def test_every_span_is_shown_or_counted_once(roots: list[Span], data: st.DataObject) -> None:
    """With a focus and without; so is every failing one; a focus is always shown."""
    spans = [one for _, one in walk(roots)]
    focus = data.draw(st.one_of(st.none(), st.sampled_from(spans)))
    found = list(rows(roots, focus))
    assert len(found) <= ROWS_MAX + 1
    shown = [row.span for row in found if isinstance(row, Shown)]
    folded = [row for row in found if isinstance(row, Folded)]
    assert len({id(one) for one in shown}) == len(shown)
    assert len(shown) + sum(row.spans for row in folded) == len(spans)
    fails = sum(one.fails for one in shown) + sum(row.failing for row in folded)
    assert fails == sum(one.fails for one in spans)
    assert focus is None or any(one is focus for one in shown)


@given(forests())
def test_whatever_fails_has_a_beginning(roots: list[Span]) -> None:
    """Above or below each failing span there is one of those told."""
    told = {id(one) for one in failing(roots)}
    for _, one in walk(roots):
        if one.fails:
            assert any(id(below) in told for _, below in walk([one]))
