"""Sample rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.attributes import Field
from localcloud.honeycomb.sample_rate import MAXIMUM, take_sample_rate


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (10, 10),
        (2.4, 2),
        (2.5, 3),
        (0.4, 1),
        ("7", 7),
        ("7.6", 8),
        ("1e2", 100),
        (0, 1),
        (-5, 1),
        (-5.5, 1),
        ("-3", 1),
        ("ten", 1),
        ("", 1),
        (True, 1),
        (2**40, MAXIMUM),
        (1e300, MAXIMUM),
        (float("inf"), MAXIMUM),
        (float("nan"), 1),
        ("9" * 400, 1),
        ("1e999", 1),
        ("1e300", MAXIMUM),
        ("\u0661\u0662", 1),
    ],
)
@pytest.mark.parametrize("name", ["sampleRate", "SampleRate"])
def test_rate_is_taken_from_the_attribute(name: str, value: Field, rate: int) -> None:
    """Numbers are rounded and kept within 1 and the largest int32; the attribute is no field any more."""
    fields: dict[str, Field] = {name: value, "other": 1}
    assert take_sample_rate(fields, "ot=th:8") == rate
    assert fields == {"other": 1}


def test_lower_case_wins() -> None:
    """Of both spellings the preferred one counts, and neither stays."""
    fields: dict[str, Field] = {"SampleRate": 3, "sampleRate": "bad"}
    assert take_sample_rate(fields, "") == 1
    assert fields == {}


@pytest.mark.parametrize(
    ("trace_state", "rate"),
    [
        ("", 1),
        ("ot=th:0", 1),
        ("ot=th:8", 2),
        ("ot=th:c", 4),
        ("vendor=1,ot=rv:1;th:fc", 64),
        ("vendor=1, ot=th:c;rv:2", 4),
        ("ot=th:ffffffffffffff", MAXIMUM),
        ("ot=th:", 1),
        ("ot=th:g", 1),
        ("ot=th:123456789012345", 1),
        ("th:8", 1),
        ("xot=th:8", 1),
    ],
)
def test_rate_follows_the_threshold_of_the_trace_state(trace_state: str, rate: int) -> None:
    """The threshold is the share that was not sampled; what isn't one counts for nothing."""
    assert take_sample_rate({}, trace_state) == rate


def test_a_rate_that_is_no_whole_number_holds_on_average() -> None:
    """A third not sampled means 1.5 events each: half of them count 2."""
    chances = iter([at / 100 for at in range(100)])
    rates = [take_sample_rate({}, "ot=th:55555555555555", chance=lambda: next(chances)) for _ in range(100)]
    assert sum(rates) == 150
    assert set(rates) == {1, 2}


@given(st.text(alphabet="ot=h:;,0123456789abcdef "))
def test_any_trace_state_gives_a_rate(trace_state: str) -> None:
    """Hostile text gives a rate within its bounds."""
    assert 1 <= take_sample_rate({}, trace_state) <= MAXIMUM
