"""Faults of a backend that runs: found by what its workers loaded, or by one request that is followed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.backend import until
from tests.end_to_end.checkout import Checkout
from tests.faults.fault import Fault, Look, differences
from tests.faults.hand import Hand
from tests.faults.keeping import Kept
from tests.faults.planted.running import FAULTS
from tests.faults.serving import WORKERS, serving
from tests.faults.world import PATH, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.backend.process.backend_process import BackendProcess


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A cloud of its own: what a backend has sent to it can't be taken back."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("busy") / "checkout")
    checkout.succeed("local-up")
    try:
        world = World(checkout, checkout.addresses())
        with ExitStack() as undoing:
            Hand(world, undoing).applies().puts_key(world.key)
        yield world
    finally:
        checkout.succeed("local-down")


@pytest.fixture(scope="module")
def kept_busy(busy: World) -> Kept:
    """What the cloud held at first."""
    return Kept(busy.client)


class _Running:
    """The backend; started anew where parameters were put back, as these then are of another date."""

    def __init__(self, world: World, kept: Kept) -> None:
        self._world, self._kept = world, kept
        self._stack = ExitStack()
        self._backend: BackendProcess | None = None
        self._of = -1

    def get(self) -> BackendProcess:
        """Return a backend that has loaded what is there now."""
        if self._backend is None or self._of != self._kept.parameters_put_back:
            self.stop()
            self._of = self._kept.parameters_put_back
            folder = self._world.local / f"running-{self._of}"
            self._backend = self._stack.enter_context(serving(self._world, folder, LOGS_CLOUDWATCH="true"))
            until(self._told, lambda told: told >= WORKERS)
        return self._backend

    def stop(self) -> None:
        """End it, and leave no word of its workers in the log."""
        self._stack.close()
        logs = self._world.client("logs")
        for stream in logs.describe_log_streams(logGroupName=PATH)["logStreams"]:
            logs.delete_log_stream(logGroupName=PATH, logStreamName=stream["logStreamName"])

    def _told(self) -> int:
        found = self._world.client("logs").filter_log_events(
            logGroupName=PATH, filterPattern='"tracing.loaded"'
        )
        return len(found["events"])


@pytest.fixture(scope="module")
def running(busy: World, kept_busy: Kept) -> Iterator[Callable[[], BackendProcess]]:
    """Returns the backend that runs."""
    one = _Running(busy, kept_busy)
    try:
        yield one.get
    finally:
        one.stop()


@pytest.fixture
def hand(busy: World, kept_busy: Kept) -> Iterator[Hand]:
    """Somebody's hand; what it does is undone."""
    with ExitStack() as undoing:
        undoing.callback(kept_busy.put_back)
        yield Hand(busy, undoing)


def _options(look: Look, backend: BackendProcess) -> tuple[str, ...]:
    return {
        Look.BACKEND: ("--backend", backend.url("")),
        Look.LOGS: ("--loaded", "logs", "--workers", str(WORKERS)),
        Look.PROBE: ("--probe", "--backend", backend.url("")),
    }[look]


@pytest.mark.parametrize("look", [Look.BACKEND, Look.LOGS, Look.PROBE])
def test_nothing_is_found(look: Look, hand: Hand, busy: World, running: Callable[[], BackendProcess]) -> None:
    """Where the backend has loaded what is asked for, and its traces arrive, all passes."""
    hand.gives(*_options(look, running()))
    report = busy.run("verify")
    assert (report.code, report.not_passed) == (0, []), busy.about(report)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found(
    fault: Fault, hand: Hand, busy: World, running: Callable[[], BackendProcess]
) -> None:
    """`make verify` with BACKEND, LOADED or PROBE fails the checks that the fault names, and no others."""
    hand.gives(*_options(fault.look, running()))
    fault.plant(hand)
    report = busy.run("verify")
    assert differences(fault, report) == [], busy.about(report)
    assert busy.key not in report.stdout + report.stderr
