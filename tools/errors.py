"""What can go wrong while the tool chain is set up.

ToolError
    A tool is missing, has the wrong version, or could not be fetched. Its text is one line that
    names the tool, what was expected and the remedy.
"""

from __future__ import annotations


class ToolError(Exception):
    """A tool is missing or unusable; ``remedy`` says what to do."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message}: {remedy}")
        self.message = message
        self.remedy = remedy
