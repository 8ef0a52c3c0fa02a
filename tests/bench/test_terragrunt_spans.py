"""How much of a command's time a Terraform process ran: the part that several intervals cover together."""

from __future__ import annotations

import os
import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import terragrunt_spans
from bench.commands import CommandFailedError

INTERVALS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 50)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=20,
)


@given(INTERVALS)
def test_each_unit_of_time_counts_once(intervals: list[tuple[int, int]]) -> None:
    """It is the number of unit steps that lie in one of the intervals or more."""
    steps = {step for start, end in intervals for step in range(start, end)}
    assert terragrunt_spans.covered(intervals) == len(steps)


@given(INTERVALS, st.randoms())
def test_their_order_makes_no_difference(intervals: list[tuple[int, int]], random: Random) -> None:
    """Spans arrive as they end, in whatever order."""
    mixed = list(intervals)
    random.shuffle(mixed)
    assert terragrunt_spans.covered(mixed) == terragrunt_spans.covered(intervals)


def test_a_command_without_terraform_is_no_figure() -> None:
    """Nothing told of a run: that is an error, and not a share of 0."""
    with pytest.raises(CommandFailedError, match="no run of Terraform"):
        terragrunt_spans.timed([sys.executable, "-c", ""], dict(os.environ))


def test_a_command_that_fails_is_no_figure() -> None:
    """Its own error is what is told."""
    with pytest.raises(CommandFailedError, match="ended with 3"):
        terragrunt_spans.timed([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
