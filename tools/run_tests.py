"""Every test, in two runs of pytest side by side: ``python -m tools.run_tests``.

Tests that drive whole programs wait for them half of the time, and take as long as all the others together.
Arguments are pytest's, for both runs.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from tools.python_environment import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TESTS = "tests"
DRIVING = ("tests/end_to_end", "tests/faults", "tests/scripts/adopt", "tests/terraform")
"""The folders of those that drive whole programs."""
_NOTHING_CHOSEN = 5
"""What pytest answers where its arguments leave no test."""


def main(arguments: Sequence[str]) -> int:
    """Run all tests and return 0, or a failed run's code. The second is shown when both are done."""
    pytest = [str(FOLDER / "bin" / "python"), "-m", "pytest", *arguments]
    with tempfile.TemporaryFile() as log:
        others = subprocess.Popen(
            [*pytest, *(f"--ignore={folder}" for folder in DRIVING), TESTS],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        with _ended(others):
            codes = [subprocess.run([*pytest, *DRIVING], cwd=ROOT, check=False).returncode, others.wait()]
        sys.stdout.flush()
        log.seek(0)
        shutil.copyfileobj(log, sys.stdout.buffer)
    if set(codes) == {_NOTHING_CHOSEN}:
        return _NOTHING_CHOSEN
    failed = [code for code in codes if code not in {0, _NOTHING_CHOSEN}]
    print(f"tests: {len(failed)} of 2 runs failed" if failed else "tests: both runs passed")
    return failed[0] if failed else 0


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process with the block, by the signal that lets pytest clean up."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(2)
