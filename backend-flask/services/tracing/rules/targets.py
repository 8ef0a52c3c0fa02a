"""Keeps the sampling rules current: reports what was decided, takes quotas and rates, reads changed rules."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable

from services.tracing.background import start_thread
from services.tracing.randomness import RANDOM
from services.tracing.rules.daemon_client import DaemonClient, DaemonError, Target, Unprocessed
from services.tracing.rules.reservoir import Counts, RuleState
from services.tracing.sampling import RuleSampler
from xray.names import SAMPLING_CLIENT_ID_CHARACTERS

DEFAULT_INTERVAL_SECONDS = 10
INTERVAL_RANGE_SECONDS = (1, 300)
RULES_INTERVAL_SECONDS = 300
DOCUMENTS_MAX_PER_CALL = 25
JITTER = 0.1

_log = logging.getLogger(__name__)


class TargetPoller:
    """Reports to X-Ray through the daemon. One for each process: the client id names it.

    `polled` is called after each poll but the last. `clock` tells epoch seconds. Reference: X-Ray API,
    GetSamplingTargets.
    """

    def __init__(
        self,
        sampler: RuleSampler,
        client: DaemonClient,
        *,
        polled: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.client_id = secrets.token_hex(SAMPLING_CLIENT_ID_CHARACTERS // 2)
        self.last_error: str | None = None
        self._sampler = sampler
        self._client = client
        self._polled = polled
        self._clock = clock
        self._interval_seconds = DEFAULT_INTERVAL_SECONDS
        self._rules_read_at = clock()
        self._modification_seen: float | None = None
        self._must_read_rules = False
        self._refusals_said: set[tuple[str, str]] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start polling in the background."""
        self._thread = start_thread("xray-sampling", self._run)

    def stop(self) -> None:
        """Stop polling and report once more, in the background: see `wait`."""
        self._stop.set()

    def wait(self, timeout_seconds: float) -> None:
        """Wait for the last report, at most `timeout_seconds`."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds * _jitter()):
            self.poll()
            if self._polled is not None:
                self._polled()
        self._report_last()

    def _report_last(self) -> None:
        """Report what was decided since the last report, so that X-Ray's counts are whole."""
        if not any(state.ever_matched for state in self._sampler.states()):
            return
        try:
            self._report()
        except Exception as error:  # noqa: BLE001 (the process is ending: nobody could do anything)
            _log.info("the last sampling statistics could not be reported: %s", error)

    def poll(self) -> None:
        """Report once and read the rules where they are old or changed. Never raises: errors are noted."""
        try:
            try:
                self._report()
            finally:
                # Reports that fail are no reason to go on with old rules.
                self._refresh_rules()
        except DaemonError as error:
            self._failed(str(error))
        except Exception as error:  # noqa: BLE001 (a poller that ends would freeze the quotas unnoticed)
            _log.exception("sampling: unexpected error")
            self._failed(repr(error))
        else:
            if self.last_error is not None:
                _log.info("sampling calls through the X-Ray daemon work again")
            self.last_error = None

    def _failed(self, reason: str) -> None:
        if self.last_error is None:
            _log.warning(
                "sampling calls through the X-Ray daemon fail: %s. Each worker goes on with the rules it has,"
                " one borrowed trace a second and the fixed rates.",
                reason,
            )
        self.last_error = reason

    def _refresh_rules(self) -> None:
        read_at = self._clock()
        if self._must_read_rules or read_at - self._rules_read_at >= RULES_INTERVAL_SECONDS:
            self._sampler.load(self._client.sampling_rules())
            self._rules_read_at = read_at
            self._must_read_rules = False

    def _report(self) -> None:
        """Report every rule that ever matched, take the targets, and note whether the rules have changed."""
        states = [state for state in self._sampler.states() if state.ever_matched]
        for chunk in _chunks(states):
            counts = [(state, state.take_counts()) for state in chunk]
            try:
                answer = self._client.sampling_targets([self._document(*pair) for pair in counts])
            except Exception:
                for state, count in counts:
                    state.give_back(count)
                raise
            self._give_back(counts, answer.unprocessed)
            self._apply(answer.targets)
            if self._has_changed(answer.rules_modified_at):
                self._must_read_rules = True

    def _give_back(
        self, reported: Iterable[tuple[RuleState, Counts]], unprocessed: Iterable[Unprocessed]
    ) -> None:
        """Keep for the next report what X-Ray did not take; say so once a rule and code, until it does."""
        refused = {item.rule_name: item for item in unprocessed}
        for state, counts in reported:
            name = state.rule.rule_name
            refusal = refused.get(name)
            if refusal is None:
                self._refusals_said = {said for said in self._refusals_said if said[0] != name}
                continue
            state.give_back(counts)
            if (name, refusal.code) not in self._refusals_said:
                self._refusals_said.add((name, refusal.code))
                _log.warning(
                    "X-Ray did not process the sampling statistics of %s: %s %s. They are reported again.",
                    name,
                    refusal.code,
                    refusal.message,
                )

    def _document(self, state: RuleState, counts: Counts) -> dict[str, str | float | int]:
        return {
            "RuleName": state.rule.rule_name,
            "ClientID": self.client_id,
            "Timestamp": self._clock(),
            "RequestCount": counts.requests,
            "SampledCount": counts.sampled,
            "BorrowCount": counts.borrowed,
        }

    def _apply(self, targets: tuple[Target, ...]) -> None:
        states = {state.rule.rule_name: state for state in self._sampler.states()}
        low, high = INTERVAL_RANGE_SECONDS
        intervals = []
        for target in targets:
            state = states.get(target.rule_name)
            if state is not None:
                state.apply_target(
                    fixed_rate=target.fixed_rate, quota=target.quota, expires_at=target.expires_at
                )
            if target.interval_seconds:
                intervals.append(min(high, max(low, target.interval_seconds)))
        if intervals:
            self._interval_seconds = min(intervals)

    def _has_changed(self, modified_at: float | None) -> bool:
        """Tell whether the rules' last modification is another one than was told before.

        X-Ray's clock is not ours: its time isn't set against the time of our last reading.
        """
        if modified_at is None or modified_at == self._modification_seen:
            return False
        self._modification_seen = modified_at
        return True


def _chunks(states: list[RuleState]) -> list[list[RuleState]]:
    """Return the states in calls' worth; one empty call where there is none, to hear of changed rules."""
    size = DOCUMENTS_MAX_PER_CALL
    return [states[start : start + size] for start in range(0, len(states), size)] or [[]]


def _jitter() -> float:
    return 1 + JITTER * (2 * RANDOM.random() - 1)
