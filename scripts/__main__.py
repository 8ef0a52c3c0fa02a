"""``python -m scripts <command>``: sees that signals count from the first moment on, then runs the command.

Whatever takes time to import is imported after that: see ``scripts/command_line.py``.
"""

from __future__ import annotations

import sys

from scripts import interrupts


def main() -> int:
    """Run the command that the process was started for and return its exit code."""
    words = sys.argv[1:]
    name = words[0] if words else "scripts"
    interrupts.leave_at_once(name)
    try:
        from scripts import command_line

        try:
            return command_line.run(words)
        finally:
            interrupts.ignore()
    except KeyboardInterrupt:
        interrupts.ignore()
        sys.stderr.write(f"{name}: interrupted\n")
        return interrupts.EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
