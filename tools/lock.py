"""``make lock``: compile the lock files, with hashes and without index addresses."""

from __future__ import annotations

import os
import sys

from tools import progress
from tools.python_environment import FOLDER, ROOT

_OPTIONS = (
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--universal",
    "--python-version=3.11",
    "--no-header",
    "--quiet",
)


def main() -> int:
    """Compile the backend's lock first: it constrains the operator's, as both share one environment.

    checkov's is alone in another.
    """
    # an index or a folder of wheels that this machine uses must not end up in a committed file
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    for folder in ("backend-flask", "tools", "tools/checkov"):
        source, lock = f"{folder}/requirements.in", f"{folder}/requirements.txt"
        with progress.step(f"{lock} from {source}"):
            code, output = progress.run(
                [FOLDER / "bin" / "uv", "pip", "compile", *_OPTIONS, *sys.argv[1:], source, "-o", lock],
                environment=environment,
                folder=ROOT,
            )
        if code != 0:
            progress.say(f"lock: {source} has no solution: loosen what it pins\n{output}")
            return 2
    progress.say("lock: done; run `make tools` to install")
    return 0


if __name__ == "__main__":
    sys.exit(main())
