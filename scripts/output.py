"""What a command prints: progress, one summary line at the end, and, where asked for, a document.

With a document, stdout holds that alone and all else goes to stderr. Off a terminal everything is plain. A
line may name what came from outside: what a terminal would act on is shown as its escape.

A traced command's last line is held until its trace is told: it stays the last one.

rich, which takes a while to import, is imported by the first line: other programs are started before that.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import cached_property
from threading import Event, Thread
from typing import TYPE_CHECKING

from scripts.plain import plain
from scripts.secrets import scrub
from scripts.telemetry import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType
    from rich.text import Text

PLAIN_INTERVAL_SECONDS = 15.0
PLAIN_WIDTH_COLUMNS = 160
_holding: list[bool] = []
_held: list[tuple[Console, Text]] = []


def console(*, stderr: bool = False) -> Console:
    """Return a console that cuts nothing off where the output is no terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH_COLUMNS
    return Console(stderr=stderr, highlight=False, soft_wrap=True, width=width)


class Output:
    """One command's output."""

    def __init__(self, *, document: bool = False) -> None:
        self._document = document
        self._spoke = time.monotonic()

    @cached_property
    def _console(self) -> Console:
        return console(stderr=self._document)

    def say(self, text: str, *, style: str = "") -> None:
        """Print one line of progress."""
        self._spoke = time.monotonic()
        _release()
        self._console.print(_line(self._console, text, style))

    def show(self, renderable: RenderableType) -> None:
        """Print what rich can draw; the caller has scrubbed it."""
        _release()
        self._console.print(renderable, soft_wrap=False)

    def summary(self, text: str, *, good: bool = True) -> None:
        """Print the command's last line."""
        self._spoke = time.monotonic()
        _last(self._console, text, "bold green" if good else "bold red")

    def document(self, text: str) -> None:
        """Print a document on stdout, as it is."""
        _release()
        sys.stdout.write(scrub(text))
        sys.stdout.flush()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show, until the block ends, that a slow step goes on: a spinner, or a line after each silence.

        Where the command is traced, the step is a span of its trace.
        """
        with current.step(text), self._waiting(text):
            yield

    @contextmanager
    def _waiting(self, text: str) -> Iterator[None]:
        if self._console.is_terminal:
            from rich.text import Text

            with self._console.status(Text(text)):
                yield
            return
        done = Event()
        began = time.monotonic()

        def beat() -> None:
            while not done.wait(1.0):
                if time.monotonic() - self._spoke >= PLAIN_INTERVAL_SECONDS:
                    self.say(f"{text}: still at it after {time.monotonic() - began:.0f} s")

        thread = Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def say_error(text: str) -> None:
    """Print the one line of a command that could not do its work, on stderr: its last one."""
    _last(console(stderr=True), text, "bold red")


def hold_last_line() -> None:
    """Have a summary or an error wait until it is let go, or until anything else is printed after it."""
    _holding.append(True)


def let_last_line_go() -> None:
    """Print what waits, and hold no more."""
    _holding.clear()
    _release()


def say_before_last(text: str) -> None:
    """Print one line on stderr, above the last one where that is held."""
    there = console(stderr=True)
    there.print(_line(there, text, ""))


def _last(there: Console, text: str, style: str) -> None:
    _release()
    line = _line(there, text, style)
    if _holding:
        _held.append((there, line))
    else:
        there.print(line)


def _release() -> None:
    while _held:
        there, line = _held.pop(0)
        there.print(line)


def _line(there: Console, text: str, style: str) -> Text:
    """Return *text* as one line that is safe on *there*; a tab only indents and stays."""
    from rich.text import Text

    parts = (plain(part, ascii_only=there.options.ascii_only) for part in scrub(text).split("\t"))
    return Text("\t".join(parts), style=style)
