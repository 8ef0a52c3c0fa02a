"""``filters.compile``: filter expressions read and compiled to SQL in a second, in one process.

The mix is the reference's forty valid expressions, one after the other. The baseline is lark alone: the same
texts through the same grammar to a syntax tree, without our tree and without SQL.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from bench.figures import Figure, interleaved
from tests.xray.filters.examples import GROUPS, VALID
from xray.filters import parse, to_sql
from xray.filters.syntax import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = ("filters.compile",)
ROUNDS = 9
REPETITIONS = 100


def measure() -> Iterator[Figure]:
    """Yield the figure, in expressions a second."""
    texts = [example.text for example in VALID]
    _compile(texts[0])
    medians = interleaved(
        {"ours": partial(_seconds, _compile, texts), "lark": partial(_seconds, read, texts)}, ROUNDS
    )
    count = len(texts) * REPETITIONS
    yield Figure.of("filters.compile", count / medians["ours"], "expressions/s", count / medians["lark"])


def _compile(text: str) -> object:
    return to_sql(parse(text), groups=GROUPS)


def _seconds(work: Callable[[str], object], texts: list[str]) -> float:
    began = time.perf_counter()
    for _ in range(REPETITIONS):
        for text in texts:
            work(text)
    return time.perf_counter() - began
