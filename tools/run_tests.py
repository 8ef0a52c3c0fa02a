"""Every test, in several runs of pytest side by side: ``python -m tools.run_tests``.

Arguments are pytest's, for each run. What a run printed is shown once it has ended.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree

from tools import progress
from tools.python_environment import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TESTS = "tests"
GROUPS = (
    "tests/end_to_end",
    "tests/scripts",
    "tests/localcloud",
    "tests/terraform",
    "tests/end_to_end/test_deploy_*.py",
    "tests/end_to_end/test_deploy.py",
    "tests/end_to_end/test_backend_*.py",
    "tests/end_to_end/test_own_account.py",
    "tests/end_to_end/test_access*.py",
    "tests/faults",
    "tests/terraform/test_access_calls.py",
    "tests/end_to_end/test_units_order.py",
    "tests/tools",
    "tests/end_to_end/test_workflows.py",
    "tests/scripts/adopt",
)
"""What is a run of its own, without what is another's; long ones first. A last run has all the others.

A run pays for what its tests share, such as an applied local cloud: a group is not less than what shares it.
"""
SIDE_BY_SIDE = 4
"""On two cores: tests that drive whole programs wait for them, for ports and for intervals."""
_NOTHING_CHOSEN = 5
"""What pytest answers where its arguments leave no test."""
_POLL_SECONDS = 0.2
_JUNIT = "--junitxml"


@dataclass
class _Run:
    """A group's run of pytest, and the file that it prints to."""

    group: str
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    began: float


def main(arguments: Sequence[str]) -> int:
    """Run all tests and return 0, or a failed run's code."""
    waiting = list(enumerate((*GROUPS, TESTS), 1))
    codes: dict[str, int] = {}
    running: list[_Run] = []
    report, parts = _report(), []
    with contextlib.ExitStack() as open_files, _ended(running):
        folder = Path(open_files.enter_context(tempfile.TemporaryDirectory()))
        while waiting or running:
            while waiting and len(running) < SIDE_BY_SIDE:
                number, group = waiting.pop(0)
                log = open_files.enter_context(tempfile.TemporaryFile())
                parts.append(folder / f"{number}.xml")
                running.append(_start(group, [*arguments, f"{_JUNIT}={parts[-1]}"], log))
            done = [run for run in running if run.process.poll() is not None]
            for run in done:
                running.remove(run)
                codes[run.group] = run.process.returncode
                _show(run)
            if not done:
                time.sleep(_POLL_SECONDS)
        if report is not None:
            _merge(parts, ROOT / report)
    if set(codes.values()) == {_NOTHING_CHOSEN}:
        return _NOTHING_CHOSEN
    failed = {group: code for group, code in codes.items() if code not in {0, _NOTHING_CHOSEN}}
    for group in failed:
        print(f"tests: failed in {group}")
    print(
        f"tests: {len(failed)} of {len(codes)} runs failed" if failed else f"tests: {len(codes)} runs passed"
    )
    return next(iter(failed.values()), 0)


def _start(group: str, arguments: Sequence[str], log: IO[bytes]) -> _Run:
    others = [one for one in GROUPS if one != group and one.startswith(f"{group}/")]
    chosen = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(group)) or [group]
    command: list[str | Path] = [FOLDER / "bin" / "python", "-m", "pytest", *arguments]
    command += [f"--ignore-glob={ROOT / one}" for one in others]
    process = subprocess.Popen(
        [*command, *chosen],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a terminal's Ctrl-C would be a second interrupt, which ends the clean-up
    )
    return _Run(group, process, log, time.monotonic())


def _show(run: _Run) -> None:
    minutes, seconds = divmod(round(time.monotonic() - run.began), 60)
    progress.say(f"tests: {run.group} ended with {run.process.returncode} after {minutes} min {seconds} s")
    run.log.seek(0)
    shutil.copyfileobj(run.log, sys.stdout.buffer)
    sys.stdout.flush()


def _report() -> Path | None:
    """Return where PYTEST_ADDOPTS asks for a report in JUnit's form, None where it doesn't."""
    words = shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    for word, following in itertools.pairwise([*words, ""]):
        if word == _JUNIT or word.startswith(f"{_JUNIT}="):
            return Path(following if word == _JUNIT else word.partition("=")[2])
    return None


def _merge(parts: Sequence[Path], report: Path) -> None:
    """Make one report of the runs' own."""
    merged = ElementTree.Element("testsuites")
    for part in parts:
        # A run that was ended early wrote none, or half of one.
        with contextlib.suppress(FileNotFoundError, ElementTree.ParseError):
            merged.extend(ElementTree.parse(part).getroot())  # noqa: S314 - our own
    report.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(merged).write(report, encoding="utf-8", xml_declaration=True)


@contextlib.contextmanager
def _ended(running: list[_Run]) -> Iterator[None]:
    """End, with the block, what still runs, by the signal that lets pytest clean up."""
    try:
        yield
    finally:
        for run in running:
            run.process.send_signal(signal.SIGINT)
        for run in running:
            run.process.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(2)
