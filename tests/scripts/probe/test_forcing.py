"""What is said of a probe that was forced, and of one that was not: why, and what to do."""

from __future__ import annotations

import pytest

from scripts.verify.check import Status
from scripts.verify.probe import forcing
from scripts.verify.probe.backend import Seen
from scripts.verify.probe.header import Answer, Refusal
from scripts.verify.probe.request import Sent

TRACE = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
ASKED = forcing.Asked("http://127.0.0.1:4567", 3)


def sent(answer: Answer | None, *, status: int = 200, location: str = "", ahead: float | None = None) -> Sent:
    """Return what came of a request."""
    return Sent(TRACE, status, location, answer, ahead, 0.0, 0.012, 0.0)


def refused(refusal: str, version: int | None = 3) -> Sent:
    """Return a probe that worker 12 refused."""
    return sent(Answer(refusal, "0a1b2c3d", 12, version))


def before(mode: str = "direct", *, possible: bool | None = None, problems: tuple[str, ...] = ()) -> Seen:
    """Return what the backend told before."""
    return Seen("0a1b2c3d", mode, possible, None, problems, {})


def test_forced() -> None:
    """Trace, worker, version of the key and time."""
    result = forcing.result(ASKED, sent(Answer(None, "0a1b2c3d", 12, 3)), None)
    assert result.status is Status.PASS
    assert (
        result.actual == f"trace {TRACE}, by worker 12 (0a1b2c3d), which holds version 3 of the key, in 12 ms"
    )


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_its_words(refusal: Refusal) -> None:
    """None passes, each names a remedy, and none is left to its bare word."""
    result = forcing.result(ASKED, refused(refusal), before("collector", possible=False))
    assert result.status is (Status.SKIP if refusal is Refusal.NO_KEY else Status.FAIL)
    assert result.remedy
    assert f"refused ({refusal})" not in result.actual


def test_a_refusal_of_a_newer_backend() -> None:
    """Its word is passed on."""
    assert "refused (moon)" in forcing.result(ASKED, refused("moon"), None).actual


@pytest.mark.parametrize(
    ("asked", "held", "words"),
    [
        (3, 2, "a worker still holds version 2 of the key, SSM has version 3"),
        (3, 3, "which the workers say they hold too"),
        (3, None, "the worker holds one of a variable"),
        (None, None, "signed with HONEYCOMB_API_KEY"),
    ],
)
def test_another_key(asked: int | None, held: int | None, words: str) -> None:
    """By the versions that SSM and /health/tracing tell."""
    versions = frozenset({3} if held is None else {held, 3})
    seen = Seen("", "direct", True, held, (), {}, key_versions=versions)
    result = forcing.result(forcing.Asked("http://h", asked), sent(Answer("signature")), seen)
    assert words in result.actual


def test_another_key_where_nothing_is_told_of_it() -> None:
    """The answer has no version for who can't sign; without /health/tracing the remedy says so."""
    result = forcing.result(ASKED, sent(Answer("signature")), None)
    assert "signed with version 3 of SSM's key" in result.actual
    assert "/health/tracing" in result.remedy


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(75.4, ": the backend's is 75 s ahead of"), (-300.0, ": the backend's is 300 s behind"), (None, "60 s")],
)
def test_another_time(ahead: float | None, words: str) -> None:
    """By how much, where the backend tells its time."""
    result = forcing.result(ASKED, sent(Answer("clock"), ahead=ahead), None)
    assert words in result.actual


@pytest.mark.parametrize(
    ("told", "seen", "words"),
    [
        (sent(None, status=301, location="https://h/health"), None, "to https://h/health"),
        (sent(None, status=404), None, "HTTP 404: not by the traced backend"),
        (sent(None), None, "a proxy has taken it out"),
        (sent(None), before("off"), "tracing is off"),
        (sent(None), before(problems=("parameter x is missing",)), "untraced: parameter x is missing"),
        (sent(None), before(), "knows no probes"),
    ],
)
def test_no_answer(told: Sent, seen: Seen | None, words: str) -> None:
    """By what the backend tells of itself, else by the status."""
    result = forcing.result(ASKED, told, seen)
    assert result.status is Status.FAIL
    assert words in result.actual
    assert result.remedy
