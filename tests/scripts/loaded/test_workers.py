"""The check of the workers themselves, and the options that ask for it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import pytest

from scripts.errors import OperatorError
from scripts.verify.check import Status
from scripts.verify.loaded import options
from scripts.verify.loaded.heard import Heard
from scripts.verify.loaded.options import Request
from scripts.verify.loaded.workers import workers_result
from tests.scripts.loaded.told import PATH, worker

TWO = (worker(12), worker(13))


def test_all_heard_of_and_alike() -> None:
    """A pass, with their names and version."""
    result = workers_result(Heard("here", TWO), 2, PATH)
    assert (result.status, result.actual) == (Status.PASS, "2 heard of at here: 12, 13, version 0.1.0")


@pytest.mark.parametrize(
    ("heard", "expected", "said"),
    [
        (Heard("here", TWO), 3, "1 of 3 not heard of"),
        (Heard("here", TWO), 1, "1 more than the 1 expected"),
        (Heard("here", TWO, ("14",)), 3, "nothing loaded yet: 14"),
        (Heard("here", ()), 2, "2 of 2 not heard of"),
        (Heard("here", TWO, doubts=[("only a part was read", "shorter")]), 2, "only a part was read"),
        (Heard("here", (TWO[0], worker(13, version="0.2.0"))), 2, "version 0.1.0 in 12; version 0.2.0 in 13"),
        (Heard("here", (TWO[0], worker(13, service_name="b"))), 2, "service b in 13"),
        (Heard("here", (worker(12, parameter_path="/other"),)), 1, "parameters of /other in 12"),
        (Heard("here", (worker(12, parameter_path=None),)), 1, "parameters of (none) in 12"),
    ],
)
def test_each_fault_has_its_words_and_a_remedy(heard: Heard, expected: int, said: str) -> None:
    """One missing, one too many, silent, unread, of two versions, of two names, of another environment."""
    result = workers_result(heard, expected, PATH)
    assert result.status is Status.FAIL
    assert said in result.actual
    assert result.remedy


def test_a_number_that_nobody_knows_is_no_pass() -> None:
    """All that was heard is well, and others may be there."""
    result = workers_result(Heard("here", TWO), None, PATH)
    assert result.status is Status.SKIP
    assert "WORKERS" in result.remedy
    assert workers_result(Heard("here", TWO, ("14",)), None, PATH).status is Status.FAIL


def read(*words: str, **more: Any) -> Request | None:
    """Return what the options ask for."""
    parser = ArgumentParser()
    options.add_arguments(parser)
    arguments = parser.parse_args(words)
    for name, value in more.items():
        setattr(arguments, name, value)
    return options.read(arguments)


def test_what_is_asked_for() -> None:
    """Nothing, a host, or the log; a probe has the host for itself where the log is read."""
    assert read() is None
    assert read("--backend", "http://x:1") == Request("http://x:1", None, 0)
    assert read("--backend", "http://x:1", "--workers", "4") == Request("http://x:1", 4, 0)
    assert read("--loaded", "logs", "--workers", "4") == Request(None, 4, 4200)
    assert read("--loaded", "logs", "--workers", "4", "--since", "2h") == Request(None, 4, 7200)
    probed = read("--loaded", "logs", "--workers", "4", "--backend", "http://x", probe=True)
    assert probed == Request(None, 4, 4200)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--backend", "localhost:1"), "BACKEND is no address"),
        (("--loaded", "here", "--workers", "1"), "LOADED is 'here'"),
        (("--loaded", "logs"), "not how many workers"),
        (("--loaded", "logs", "--workers", "1", "--backend", "http://x"), "both given"),
        (("--workers", "2"), "not where to hear"),
        (("--since", "2h"), "not where to hear"),
        (("--backend", "http://x", "--since", "2h"), "no log is read"),
        (("--backend", "http://x", "--workers", "no"), "WORKERS is 'no'"),
        (("--backend", "http://x", "--workers", "0"), "WORKERS is '0'"),
        (("--backend", "http://x", "--workers", "9" * 5000), "WORKERS is '999"),
        (("--backend", "http://x", "--workers", "000001000000000000"), "WORKERS is '000001000000000000'"),
        (("--loaded", "logs", "--workers", "1", "--since", "soon"), "SINCE: 'soon'"),
    ],
)
def test_bad_options_are_refused_with_the_remedy(words: tuple[str, ...], said: str) -> None:
    """Before anything is asked of anybody."""
    with pytest.raises(OperatorError) as raised:
        read(*words)
    assert said in raised.value.message
    assert raised.value.remedy
