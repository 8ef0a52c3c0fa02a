"""Finds a command, runs it, and answers with its exit code.

0: done and right. 1: done, and something is wrong. 2: could not be done; one line says why, and the remedy.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Protocol, cast

from scripts import commands, interrupts, secrets
from scripts.errors import explain
from scripts.output import say_error
from scripts.telemetry.command import TRACED, around

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_FAILED = 2


class Command(Protocol):
    """What each module in ``scripts/commands`` offers."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do the work and return the exit code."""


def names() -> list[str]:
    """Return the commands' names as they are typed."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))


def load(name: str) -> Command:
    """Return the module of command *name*; only the one that runs is imported."""
    return cast("Command", importlib.import_module(f"scripts.commands.{name.replace('-', '_')}"))


def run(words: Sequence[str]) -> int:
    """Run the command that *words* ask for and return its exit code.

    Whatever goes wrong becomes one line and an exit code, never a traceback. Raises KeyboardInterrupt where
    it is interrupted, and SystemExit where the words are wrong.
    """
    secrets.withdraw(os.environ)
    name = _known(words)
    try:
        if name not in TRACED:
            return _run(name, words[1:])
        return around(name, lambda: _run(name, words[1:]))
    except BrokenPipeError:
        # Whoever read our output has gone; nothing can be told to them, not even by Python's own flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


def _run(name: str, words: Sequence[str]) -> int:
    local = False
    try:
        command = load(name)
        arguments = _parse(name, command, words)
        local = getattr(arguments, "env", "local") == "local"
        interrupts.install()
        code = command.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the one place that turns exceptions into words
        problem = explain(error, local=local)
        say_error(f"{name}: {problem}")
        return problem.exit_code
    return code


def _known(words: Sequence[str]) -> str:
    parser = argparse.ArgumentParser(prog="python -m scripts", description=__doc__, allow_abbrev=False)
    parser.add_argument("command", choices=names())
    if not words or words[0] not in names():
        parser.parse_args(words[:1] or ["--help"])
    return words[0]


def _parse(name: str, command: Command, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m scripts {name}", description=command.SUMMARY, allow_abbrev=False
    )
    command.add_arguments(parser)
    return parser.parse_args(words)
