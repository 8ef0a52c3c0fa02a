"""A command surrounded by its trace. What goes wrong with the trace is one line, and changes no exit code."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scripts.interrupts import SIGNALS
from scripts.output import hold_last_line, let_last_line_go, say_before_last
from scripts.plain import one_line
from scripts.telemetry import current
from scripts.telemetry import parent as traceparent
from xray.names import to_xray_trace_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.telemetry.recording import Recording

TRACED = frozenset({"plan", "apply", "destroy", "deploy", "rollback"})
SWITCH = "TRACED_BACKEND_DEPLOYMENTS"
STANDARD_SWITCH = "OTEL_SDK_DISABLED"
_ON, _OFF = {"", "on", "true", "1"}, {"off", "false", "0"}
EXIT_FAILED = 2


def around(name: str, run: Callable[[], int]) -> int:
    """Return what *run* returns, recorded as the trace of command *name*, and sent once it is over.

    The trace is told before the command's last line, which waits for that. What *run* raises goes on as it
    is. A command that was refused before Terragrunt ran leaves no trace.
    """
    recording = _begun(name)
    if recording is None:
        return run()
    code = EXIT_FAILED
    hold_last_line()
    try:
        with current.recorded(recording):
            code = run()
    finally:
        with _undisturbed():
            try:
                _finish(recording, code)
            finally:
                let_last_line_go()
    return code


def _begun(name: str) -> Recording | None:
    """Return the recording, None where the command is not traced; why is told, but for the switch."""
    switch = os.environ.get(SWITCH, "").strip().lower()
    if switch in _OFF or os.environ.get(STANDARD_SWITCH, "").strip().lower() == "true":
        return None
    if switch not in _ON:
        _say(f"{SWITCH} is {switch[:20]!r}, expected on or off: this {name} is not traced")
        return None
    parent = None
    try:
        parent = traceparent.read(os.environ.get(traceparent.VARIABLE, "").strip())
    except ValueError as error:
        _say(f"{error}: a trace of its own begins")
    if parent is not None and not parent.is_sampled:
        _say(f"the caller's {traceparent.VARIABLE} is not sampled: this {name} is not traced")
        return None
    try:
        # Here: OpenTelemetry takes a tenth of a second to load, and other commands don't need it.
        from scripts.telemetry.recording import Recording

        return Recording(name, parent)
    except Exception as error:  # noqa: BLE001 - told, and never the reason for a command to fail
        _say(f"this {name} is not traced ({type(error).__name__}: {error})")
        return None


def _finish(recording: Recording, code: int) -> None:
    try:
        root, spans = recording.end(code)
        place = recording.place
        if place is None:
            return
        from scripts.telemetry.sending import Trace, send

        missing = {sink: why for sink, why in send(Trace(root, spans), place).items() if why}
        taken = [sink for sink in ("X-Ray", "Honeycomb") if sink not in missing]
        said = f"trace {to_xray_trace_id(root.trace_id)}"
        if taken:
            said += f": {len(spans)} spans in {' and '.join(taken)}"
        said += "".join(f"; not sent to {sink}: {why}" for sink, why in missing.items())
        if recording.refused:
            said += f"; {recording.refused} more were too many"
        _say(said)
        for address in place.addresses(root.trace_id, recording.began, time.time()).values() if taken else ():
            _say(f"  {address}")
    except Exception as error:  # noqa: BLE001 - told, and never the reason for a command to fail
        _say(f"the trace was not sent ({type(error).__name__}: {error})")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore what would end the command while the block runs: its exit code is decided."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    """Print on stderr, where no document is, and above the command's last line."""
    say_before_last(one_line(text))
