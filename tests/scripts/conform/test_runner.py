"""What becomes of a case, and of what it made, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from scripts import honeycomb_key
from scripts.conform import limits
from scripts.conform.case import (
    DiffersError,
    LateError,
    NotPossibleError,
    UnansweredError,
    expect_names,
)
from scripts.conform.honeycomb_calls import HoneycombCalls
from scripts.conform.limits import Budget, CappedError
from scripts.conform.report import exit_code
from scripts.conform.xray_calls import XRayCalls
from tests.scripts.conform.standins import MuteXRay, case, runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.conform.surroundings import Surroundings
    from scripts.environment import Environment

REGION = "us-east-1"


def _raising(error: BaseException) -> Callable[[Surroundings], None]:
    def run(_: Surroundings) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status", "refuted"),
    [
        (DiffersError("a", 1, 2), "differs", True),
        (LateError("a", 1, 2), "differs", False),
        (NotPossibleError("no"), "skipped", False),
        (CappedError("no"), "capped", False),
        (UnansweredError("no"), "unasked", False),
        (KeyError("Groups"), "differs", False),
        (ValueError("no JSON"), "differs", False),
        (StopIteration(), "differs", False),
        (RuntimeError("x"), "differs", False),
        (AssertionError("x"), "differs", False),
    ],
)
def test_each_outcome_has_its_status(error: Exception, status: str, refuted: bool) -> None:
    """What the service said of itself refutes a claim; what we did not understand only differs."""
    running, _ = runner(MuteXRay(takes=True, refuses=True))
    result = running.run(case(_raising(error)))
    assert (result.status, result.refuted) == (status, refuted)


def test_a_case_of_honeycomb_s_needs_a_key_and_a_risky_one_the_local_cloud() -> None:
    """Both are told as skipped, and nothing is asked."""
    running, _ = runner(MuteXRay(takes=True, refuses=True), is_local=False)
    no_key = running.run(case(_raising(AssertionError()), "honeycomb"))
    risky = running.run(case(_raising(AssertionError()), local_only=True))
    assert (no_key.status, risky.status) == ("skipped", "skipped")


def test_the_cases_that_put_default_at_risk_are_for_the_local_cloud_alone() -> None:
    """Nobody's Default group or rule is deleted to see whether it can be."""
    from scripts.conform.cases import all_cases

    assert {one.id for one in all_cases() if one.local_only} == {
        "xray.group.default.kept",
        "xray.rule.default.kept",
    }


def test_after_its_time_a_run_begins_no_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minutes that it states are kept to."""
    monkeypatch.setattr("scripts.conform.surroundings.RUN_MAX_SECONDS", -1.0)
    running, _ = runner(MuteXRay(takes=True, refuses=True))
    result = running.run(case(_raising(AssertionError())))
    assert result.status == "capped"
    assert "minutes" in limits.statement()


@pytest.mark.parametrize(
    ("statuses", "clean", "code"),
    [
        (["holds", "skipped"], True, 0),
        (["holds"], False, 1),
        (["holds", "differs"], True, 1),
        (["holds", "capped"], True, 1),
        (["differs", "capped", "unasked"], False, 2),
    ],
)
def test_exit_codes(statuses: list[str], clean: bool, code: int) -> None:
    """0 every claim that may be asked for holds, 1 something is wrong, 2 the service did not answer."""
    running, _ = runner(MuteXRay(takes=True, refuses=True))
    errors: dict[str, Callable[[Surroundings], None]] = {
        "holds": lambda _: None,
        "skipped": _raising(NotPossibleError("")),
        "differs": _raising(DiffersError("", 1, 2)),
        "capped": _raising(CappedError("")),
        "unasked": _raising(UnansweredError("")),
    }
    results = [running.run(case(errors[status])) for status in statuses]
    assert exit_code(results, clean=clean) == code


def test_words_about_a_thing_are_looked_for_whatever_their_case() -> None:
    """A message about another thing is not taken for one about this."""
    expect_names("message", "Value at 'samplingRule.fixedRate' is wrong", "FixedRate")
    with pytest.raises(DiffersError, match="words about FixedRate"):
        expect_names("message", "Sampling rule already exists", "FixedRate")


@pytest.fixture
def groups(local: Environment) -> Iterator[Callable[[], list[str]]]:
    """The names of the local cloud's groups."""
    client = boto3.client("xray", region_name=REGION)

    def names() -> list[str]:
        return sorted(one["GroupName"] for one in client.get_groups()["Groups"])

    yield names
    client.close()


def _makes_a_group(error: BaseException) -> Callable[[Surroundings], None]:
    def run(on: Surroundings) -> None:
        on.remove_group(on.name())
        on.xray("CreateGroup", GroupName=on.name())
        raise error

    return run


@pytest.mark.parametrize("error", [DiffersError("a", 1, 2), KeyError("a"), KeyboardInterrupt(), SystemExit()])
def test_what_a_case_made_is_removed_whatever_ends_it(
    groups: Callable[[], list[str]], error: BaseException
) -> None:
    """A claim that differs, an odd answer, Ctrl-C: the group is gone."""
    running, _ = runner(XRayCalls(REGION, Budget()))
    before = groups()
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        running.run(case(_makes_a_group(error)))
    assert groups() == before
    assert running.take_left() == ()


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Python's own answer to Ctrl-C: whoever starts the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_ctrl_c_while_it_sweeps_waits_for_the_sweep(groups: Callable[[], list[str]]) -> None:
    """The signal comes in the middle of the clean-up, and counts when that is done."""
    running, surroundings = runner(XRayCalls(REGION, Budget()))
    before = groups()

    def run(on: Surroundings) -> None:
        on.remove_group(on.name())
        on.xray("CreateGroup", GroupName=on.name())
        on.case_brooms.add("a signal", lambda: os.kill(os.getpid(), signal.SIGINT))

    with pytest.raises(KeyboardInterrupt):
        running.run(case(run))
    assert groups() == before
    assert surroundings.case_brooms.take_left() == ()


def test_what_can_t_be_removed_is_named_and_the_rest_is_removed(groups: Callable[[], list[str]]) -> None:
    """Also where the case was interrupted."""
    running, _ = runner(XRayCalls(REGION, Budget()))
    before = groups()

    def stuck() -> None:
        raise OSError("no way")

    def run(on: Surroundings) -> None:
        on.remove_group(on.name())
        on.xray("CreateGroup", GroupName=on.name())
        on.case_brooms.add("a stuck thing", stuck)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.run(case(run))
    assert groups() == before
    assert running.take_left() == ("a stuck thing (no way)",)
    assert running.take_left() == ()


def test_what_should_have_been_refused_and_was_taken_is_removed(groups: Callable[[], list[str]]) -> None:
    """The broom stands ready before the call that makes the thing."""
    running, _ = runner(XRayCalls(REGION, Budget()))
    before = groups()

    def run(on: Surroundings) -> None:
        on.remove_group(on.name())
        on.xray.refused("CreateGroup", GroupName=on.name())

    assert running.run(case(run)).status == "differs"
    assert groups() == before


@pytest.fixture
def honeycomb(local: Environment) -> HoneycombCalls:
    """The local Honeycomb, with its own key."""
    return HoneycombCalls(local.variables["HONEYCOMB_API_ENDPOINT"], honeycomb_key.stored(), Budget())


def test_a_removal_that_is_refused_is_named(honeycomb: HoneycombCalls) -> None:
    """A key that lost its permissions in between removes nothing, and is not believed to have."""
    running, _ = runner(MuteXRay(takes=True, refuses=True), honeycomb)
    key = honeycomb._key

    def run(on: Surroundings) -> None:
        on.remove_marker(on.name())
        on.honeycomb.done("make", on.honeycomb("POST", "/1/markers/__all__", {"message": on.name()}), 201)
        honeycomb._key = 32 * "0"

    running.run(case(run, "honeycomb"))
    left = running.take_left()
    assert len(left) == 1
    assert "marker conform-" in left[0]
    assert "HTTP 401" in left[0]
    honeycomb._key = key
    for marker in honeycomb("GET", "/1/markers/__all__").document:
        honeycomb("DELETE", f"/1/markers/__all__/{marker['id']}")


def test_data_sets_go_at_the_run_s_end(honeycomb: HoneycombCalls) -> None:
    """Those of the run, however they are written; nobody else's."""
    honeycomb("POST", "/1/events/somebody-elses", {"a": 1}, events=1)
    running, _ = runner(MuteXRay(takes=True, refuses=True), honeycomb)

    def run(on: Surroundings) -> None:
        on.remove_datasets()
        for name in (on.name(), on.name("Sl! x")):
            answer = on.honeycomb("POST", f"/1/events/{name}", {"a": 1}, events=1)
            assert answer.status == 200
            on.expect_dataset(name)

    def names() -> list[str]:
        return [str(one["name"]) for one in honeycomb("GET", "/1/datasets").document]

    assert running.run(case(run, "honeycomb")).status == "holds"
    assert len(names()) == 3
    running.finish()
    assert running.take_left() == ()
    assert names() == ["somebody-elses"]
    honeycomb("PUT", "/1/datasets/somebody-elses", {"settings": {"delete_protected": False}})
    honeycomb("DELETE", "/1/datasets/somebody-elses")


def test_a_data_set_that_never_showed_up_is_named() -> None:
    """Honeycomb took the events, and lists nothing: it may come later."""
    from tests.scripts.conform.standins import MuteHoneycomb

    running, surroundings = runner(MuteXRay(takes=True, refuses=True), MuteHoneycomb(200, []))
    surroundings.remove_datasets()
    surroundings.expect_dataset(surroundings.name())
    running.finish()
    left: tuple[Any, ...] = running.take_left()
    assert len(left) == 1
    assert f"data sets {surroundings.name()}*" in left[0]
