"""Segment documents that X-Ray would take, however odd: any times, hostile texts, circles of parents."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

TRACE_ID = "1-581cf771-a006649127e371903a2de979"

# What somebody who wants to mislead an operator would send.
HOSTILE = st.sampled_from(
    (
        "\x1b[2J\x1b]0;gone\x07",
        "[red]not markup[/red]",
        "\u202egnp.exe",
        "a\nb\r\nc\td",
        "\x9b31m",
        "日本語のとても長い名前" * 8,
        "e\u0301" * 50,
        "\u200b\ufeff",
        "\ud800",
        "x" * 900,
        "",
    )
)
TEXTS = st.one_of(HOSTILE, st.text(max_size=40))
NAMES = st.one_of(
    st.sampled_from(("query", "dynamodb", "GET /api", "a\nb", "\x1c", "日本", "n" * 200)),
    st.text(st.sampled_from("ab _.:/%&#=+-@\t\n\u3000é漢"), min_size=1, max_size=30),
)
TIMES = st.one_of(
    st.floats(min_value=0, max_value=1.7e308),
    st.floats(min_value=1.6e9, max_value=1.6e9 + 10),
    st.integers(min_value=0, max_value=10**308),
    st.just(5e-324),
)
_FRAMES = st.fixed_dictionaries(
    {}, optional={"path": TEXTS, "line": st.integers(0, 2**63 - 1), "label": TEXTS}
)
_EXCEPTIONS = st.fixed_dictionaries(
    {"id": st.sampled_from(("1" * 16, "2" * 16))},
    optional={"type": TEXTS, "message": TEXTS, "stack": st.lists(_FRAMES, max_size=3)},
)
_IDS = st.integers(0, 25).map(lambda number: f"{number:016x}")


_ENTITIES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"id": _IDS, "name": NAMES, "start_time": TIMES},
    optional={
        "end_time": TIMES,
        "fault": st.booleans(),
        "error": st.booleans(),
        "throttle": st.booleans(),
        "annotations": st.dictionaries(
            st.sampled_from(("k", "app.now", "n" * 500)),
            st.one_of(TEXTS, st.booleans(), st.floats(allow_nan=False), st.integers()),
            max_size=3,
        ),
        "http": st.fixed_dictionaries(
            {},
            optional={
                "request": st.fixed_dictionaries(
                    {}, optional={"method": st.text(max_size=9), "url": HOSTILE.map(lambda text: text[:250])}
                ),
                "response": st.fixed_dictionaries({"status": st.integers(0, 2**63 - 1)}),
            },
        ),
        "cause": st.one_of(
            st.just("1" * 16), st.fixed_dictionaries({"exceptions": st.lists(_EXCEPTIONS, max_size=3)})
        ),
    },
)
_PLACES = st.tuples(st.integers(0, 100), st.booleans(), st.one_of(st.none(), _IDS), HOSTILE)


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The documents of one trace, one at least; parents may be missing, or go in a circle."""
    entities = draw(st.lists(st.tuples(_ENTITIES, _PLACES), min_size=1, max_size=8))
    found = []
    for place, (entity, (number, flag, parent, origin)) in enumerate(entities):
        if "end_time" not in entity:
            entity["in_progress"] = True
        above = number % (place + 1)
        if above < place:
            entity["namespace"] = "aws" if flag else "remote"
            entities[above][0].setdefault("subsegments", []).append(entity)
            continue
        entity |= {"trace_id": TRACE_ID, "origin": origin, "inferred": flag}
        entity |= {} if parent is None else {"parent_id": parent}
        found.append(entity)
    return found
