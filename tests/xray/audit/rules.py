"""Rules and requests made at random, of few values, so that they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from xray.audit import Route, Sender
from xray.sampling import SamplingRule

PATTERNS = st.text(alphabet="ab*?", max_size=5)
TEXTS = st.text(alphabet="abAc", max_size=5)
DEFAULT = SamplingRule("Default", 10_000, 0.05, 1)


@st.composite
def rule_lists(draw: st.DrawFn) -> list[SamplingRule]:
    """Up to six rules and Default, some of which SDKs pass over."""
    rules = [
        SamplingRule(
            f"r{number}",
            draw(st.integers(1, 3)),
            0.1,
            1,
            service_name=draw(st.one_of(st.just("*"), PATTERNS)),
            host=draw(st.one_of(st.just("*"), PATTERNS)),
            http_method=draw(st.sampled_from(["*", "GET", "get", "P*", "????", "POST"])),
            url_path=draw(PATTERNS),
            version=draw(st.sampled_from([1, 1, 1, 2])),
            attributes=draw(st.sampled_from([{}, {}, {"a": "b"}])),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    return draw(st.permutations([*rules, DEFAULT]))


SENDERS = st.builds(Sender, TEXTS, st.sampled_from(["", "a"]), TEXTS)
ROUTES = st.builds(Route, st.sampled_from(["GET", "POST", "PUT"]), TEXTS)
