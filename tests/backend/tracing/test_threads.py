"""Work handed to threads, in processes of their own: what is patched stays patched."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]

_HEAD = """
import gc, json, threading, weakref
from concurrent.futures import ThreadPoolExecutor
from opentelemetry.context import attach, detach, get_current, set_value
from services.tracing.instrumentation.threads import instrument_threads

seen = {}

def note(name):
    seen[name] = get_current().get("key")
"""


def run(program: str) -> dict[str, Any]:
    """Run a program and return what it saw."""
    result = subprocess.run(
        [sys.executable, "-c", _HEAD + program + "\nprint(json.dumps(seen))"],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'backend-flask'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_the_context_goes_along() -> None:
    """To threads, their subclasses, timers and pools; afterwards a pool's thread has none, and none stays."""
    seen = run(
        """
instrument_threads()

class Sub(threading.Thread):
    def run(self):
        note("subclass")

class Own(threading.Thread):
    def __init__(self):
        super().__init__()
        self.run = lambda: note("own")

pool = ThreadPoolExecutor(1)
token = attach(set_value("key", "mine"))
threads = [threading.Thread(target=note, args=("thread",)), Sub(), Own()]
threads.append(threading.Timer(0, note, ("timer",)))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
pool.submit(note, "pool").result()
pool.submit(lambda a, b=0: note(f"pool {a} {b}"), 1, b=2).result()
detach(token)
pool.submit(note, "later").result()
later = threading.Thread(target=note, args=("later thread",))
later.start()
later.join()
gc.disable()
gone = weakref.ref(threads.pop(0))
del thread
seen["gone"] = gone() is None
"""
    )
    assert seen == {
        **dict.fromkeys(("thread", "subclass", "own", "timer", "pool", "pool 1 2"), "mine"),
        "later": None,
        "later thread": None,
        "gone": True,
    }


def test_what_the_application_put_on_stays_alone() -> None:
    """Where OpenTelemetry's own instrumentation is on nothing is patched."""
    seen = run(
        """
from opentelemetry.instrumentation.threading import ThreadingInstrumentor
ThreadingInstrumentor().instrument()
before = threading.Thread.start, ThreadPoolExecutor.submit
instrument_threads()
seen["same"] = before == (threading.Thread.start, ThreadPoolExecutor.submit)
"""
    )
    assert seen == {"same": True}


def test_an_exception_reaches_whoever_waits() -> None:
    """It is the function's own, and the context is left all the same."""
    seen = run(
        """
instrument_threads()
pool = ThreadPoolExecutor(1)
token = attach(set_value("key", "mine"))
try:
    pool.submit(lambda: 1 / 0).result()
except ZeroDivisionError:
    seen["raised"] = True
detach(token)
pool.submit(note, "after").result()
"""
    )
    assert seen == {"raised": True, "after": None}
