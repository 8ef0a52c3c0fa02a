"""When it is told what this worker loaded: at the start, after each change, at the stop, and now and then."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from services.tracing.loaded.document import as_json, within_bounds
from services.tracing.sending.worker_counts import Slot
from services.tracing.worker_id import worker_id

EVENT = "tracing.loaded"
RETELL_SECONDS = 3600.0
"""Whoever reads the log hears of every worker that is alive within this time and a sampling interval."""

START, PARAMETERS, RULES, AGAIN, STOP = "start", "parameters", "rules", "again", "stop"

_log = logging.getLogger(__name__)


class _Worker:
    """This process. It has one voice, though a session may begin while the last one still sends."""

    speaker: "Teller | None" = None
    """Of the session that began last."""
    lock = threading.RLock()


def _after_fork() -> None:
    _Worker.speaker, _Worker.lock = None, threading.RLock()


os.register_at_fork(after_in_child=_after_fork)


class Teller:
    """Tells, of one session, each time the whole of what is loaded. Thread-safe; raises nothing.

    It is silent until it has told `START`, and once another teller has told its own: the worker has then
    loaded something else, and isn't stopped with this session. `look` returns the document as it is now.
    `slot` is where the other workers of the host read it. Where `is_logged`, each is an event in the log too.
    `clock` tells monotonic seconds.
    """

    def __init__(
        self,
        look: Callable[[], Mapping[str, Any]],
        *,
        slot: Slot | None,
        is_logged: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look = look
        self._slot = slot
        self._is_logged = is_logged
        self._clock = clock
        self._number = 0
        self._told_at = 0.0
        self._told: dict[str, Any] | None = None
        self._rules: Any = None
        """Of the last document, before it was cut."""

    @property
    def told(self) -> dict[str, Any] | None:
        """The last document; None before the first."""
        return self._told

    def tell(self, cause: str) -> None:
        """Tell what is loaded, because of `cause`, one of this file's."""
        try:
            with _Worker.lock:
                if cause == START:
                    _Worker.speaker = self
                elif _Worker.speaker is not self:
                    return
                document = self._make(cause)
                self._told, self._told_at = document, self._clock()
                if self._slot is not None:
                    self._slot.tell(as_json(document))
                if self._is_logged:
                    self._write(document)
        except Exception:  # noqa: BLE001 (who loads, polls or stops must go on)
            _log.exception("what this worker loaded can't be told")

    def polled(self) -> None:
        """After each look at the rules: tell what is new, and the same again after `RETELL_SECONDS`."""
        told = self._told
        if told is None:
            return
        try:
            now = self._look()
        except Exception:  # noqa: BLE001
            _log.exception("what this worker loaded can't be told")
            return
        if now.get("rules") != self._rules:
            self.tell(RULES)
        elif self._clock() - self._told_at >= RETELL_SECONDS:
            self.tell(AGAIN)

    def _make(self, cause: str) -> dict[str, Any]:
        self._number += 1
        look = self._look()
        self._rules = look.get("rules")
        return within_bounds(
            {
                "cause": cause,
                "number": self._number,
                "at": datetime.now(UTC).isoformat(),
                "id": worker_id(),
                "pid": os.getpid(),
                "master": None if self._slot is None else os.getppid(),
                "slot": None if self._slot is None else self._slot.number,
                **look,
            }
        )

    def _write(self, document: Mapping[str, Any]) -> None:
        group, key = document["group"], document["key"]
        _log.info(
            "%s: %s, service %s, group %s, key version %s, %s rules",
            EVENT,
            document["cause"],
            document["service_name"],
            group["name"] if group else "none",
            key["version"] if key else "none",
            "?" if document["rules"] is None else len(document["rules"]),
            extra={"event": EVENT, "loaded": document},
        )


def workers_loaded(
    told: Mapping[str, Any] | None, shared: Mapping[str, Any] | None, pid: int
) -> dict[str, Any]:
    """Return what all workers of this host loaded, for /health/tracing.

    `shared` is `WorkerCounts.loaded()`; where nothing is shared, `told`, of worker `pid`, is all that is
    known. A worker that has loaded nothing yet is listed with null.
    """
    if shared is None:
        own = {"pid": pid, "slot": None, "loaded": None if told is None else dict(told)}
        return {"wanted": None, "workers": [own]}
    return {
        "wanted": shared["wanted"],
        "workers": [
            {**worker, "loaded": None if (text := worker["loaded"]) is None else json.loads(text)}
            for worker in shared["workers"]
        ],
    }
