"""Probes: requests that are sampled because the operator signed them, see probe_header.py."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from services.tracing.probe_header import (
    HEADER_NAME,
    VALID_SECONDS,
    Answerer,
    Refusal,
    derive_key,
    format_probe_answer,
    is_signed,
    parse_probe_header,
)
from services.tracing.propagation import Incoming, read_incoming
from services.tracing.recording.server_span import WsgiEnvironment
from services.tracing.rules.reservoir import Decision
from services.tracing.worker_id import worker_id

PROBE_HEADER = "HTTP_X_TRACING_PROBE"
"""The header's place in a request's environment; it is taken out there before anybody records it."""

FORCED = Decision(True, "")
"""A probe stands for itself alone, and no rule counts it."""

_UNSIGNED = frozenset({Refusal.MALFORMED, Refusal.NO_TRACE, Refusal.NO_KEY, Refusal.CLOCK, Refusal.SIGNATURE})
"""Reasons for which anybody can be refused: they come before the signature is found to hold."""

NONCES_MAX = 1024
"""Of probes that were forced within the last two minutes: only who can sign fills them."""

_log = logging.getLogger(__name__)


class Probe:
    """A request's probe: forced, or refused for a reason; the answer tells which."""

    def __init__(self, probes: "Probes", refusal: Refusal | None) -> None:
        self.refusal = refusal
        self._probes = probes

    @property
    def is_forced(self) -> bool:
        """Tell whether the request is to be recorded."""
        return self.refusal is None

    def refuse(self, refusal: Refusal) -> None:
        """Refuse what was forced: somebody else's sampler left the request out."""
        if self.refusal is None:
            self.refusal = refusal
            self._probes.turned_down(refusal)

    def answered(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the response's headers with what became of the probe."""
        by = None
        if self.refusal not in _UNSIGNED:
            by = Answerer(worker_id(), os.getpid(), self._probes.key_version)
        return [*headers, (HEADER_NAME, format_probe_answer(self.refusal, by))]

    def answering(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `start_response` that says what became of the probe."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, self.answered(headers), *rest)

        return start


class Probes:
    """Tells the operator's probes from others, with the key that is loaded. Thread-safe.

    Each nonce counts once in this process. `clock` tells epoch seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, nonces_max: int = NONCES_MAX) -> None:
        self.key_version: int | None = None
        self._clock = clock
        self._nonces_max = nonces_max
        self._key: bytes | None = None
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}
        """Nonces, and when each may be forgotten; the oldest first."""
        self._forced = 0
        self._refused: Counter[str] = Counter()

    def use(self, api_key: str | None, version: int | None = None) -> None:
        """Check by this key from now on; None or empty: there is none, and no probe is forced."""
        key = derive_key(api_key) if api_key else None
        with self._lock:
            self._key, self.key_version = key, version if key else None

    def look(
        self, environ: WsgiEnvironment, method: str, path: str, read: Callable[[], Incoming | None]
    ) -> Probe:
        """Take a request's header out of its environment and tell what is to become of it.

        `read` tells which trace the caller named. Never raises.
        """
        text = str(environ.pop(PROBE_HEADER, ""))
        try:
            refusal = self._check(text, method, path, read(), environ.get("HTTP_X_AMZN_TRACE_ID"))
        except Exception:  # noqa: BLE001 (a request must not fail for being traced)
            _log.exception("a probe could not be looked at")
            refusal = Refusal.MALFORMED
        with self._lock:
            if refusal is None:
                self._forced += 1
            else:
                self._refused[refusal] += 1
        return Probe(self, refusal)

    def _check(
        self, text: str, method: str, path: str, incoming: Incoming | None, amazon: str | None
    ) -> Refusal | None:
        header, key = parse_probe_header(text), self._key
        if header is None:
            return Refusal.MALFORMED
        if incoming is None:
            return Refusal.NO_TRACE
        if key is None:
            return Refusal.NO_KEY
        now = self._clock()
        if abs(now - header.seconds) > VALID_SECONDS:
            return Refusal.CLOCK
        if is_signed(key, header, method=method, path=path, trace_id=incoming.trace_id):
            return self._use_nonce(header.nonce, now)
        # A mesh's traceparent may have put another trace in the place of the one that was signed.
        named = read_incoming(amazon, None)
        if named is None or named.trace_id == incoming.trace_id:
            return Refusal.SIGNATURE
        is_ours = is_signed(key, header, method=method, path=path, trace_id=named.trace_id)
        return Refusal.OTHER_TRACE if is_ours else Refusal.SIGNATURE

    def _use_nonce(self, nonce: str, now: float) -> Refusal | None:
        with self._lock:
            for known, until in list(self._used.items()):
                if until >= now:
                    break
                del self._used[known]
            if nonce in self._used:
                return Refusal.REPLAYED
            if len(self._used) >= self._nonces_max:
                return Refusal.TOO_MANY
            # A probe from the future is valid for twice the time; then its own time refuses it.
            self._used[nonce] = now + 2 * VALID_SECONDS
            return None

    def turned_down(self, refusal: Refusal) -> None:
        """Count a probe that was forced as refused after all."""
        with self._lock:
            self._forced -= 1
            self._refused[refusal] += 1

    def status(self) -> dict[str, Any]:
        """Return what /health/tracing tells: whether there is a key, its version, what became of probes."""
        with self._lock:
            return {
                "possible": self._key is not None,
                "key_version": self.key_version,
                "forced": self._forced,
                "refused": dict(self._refused),
            }
