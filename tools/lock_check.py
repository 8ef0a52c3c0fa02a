"""Lock files name no host of an index, and every requirement in them has a hash."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from tools import checkov, python_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCKS = (*python_environment.LOCKS, checkov.LOCK)
_ADDRESS = re.compile(r"https?://|--(?:index-url|extra-index-url|find-links|trusted-host)")


def problems(lock: Path) -> Iterator[str]:
    """Yield one line for each thing that is wrong in *lock*."""
    text = lock.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if _ADDRESS.search(line):
            yield f"{lock.name}:{number}: names an address; run `make lock`"
    for requirement in re.split(r"\n(?=\S)", text):
        name = requirement.split("==", 1)[0].strip()
        if "==" in requirement and not requirement.startswith("#") and "--hash=sha256:" not in requirement:
            yield f"{lock.name}: {name} has no hash; run `make lock`"


def main() -> int:
    """Print what is wrong and return 1 where something is."""
    found = [problem for lock in LOCKS for problem in problems(lock)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
