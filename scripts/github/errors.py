"""What can go wrong with GitHub's API, each with what to do about it.

GitHubError
    Base: not done; an OperatorError, so that a command ends with 2 and one line.
    BusyError: asked to wait (429, or 403 with a limit), still so after waiting; nothing was done.
    UnavailableError: 5xx, or nothing answers, after trying again; what was to be written may be there.
"""

from __future__ import annotations

from scripts.errors import OperatorError


class GitHubError(OperatorError):
    """GitHub did not do what it was asked for."""


class BusyError(GitHubError):
    """Too many requests, also after waiting; ``wait_seconds`` is how long GitHub asks to wait."""

    def __init__(self, message: str, *, remedy: str, wait_seconds: float) -> None:
        super().__init__(message, remedy=remedy)
        self.wait_seconds = wait_seconds


class UnavailableError(GitHubError):
    """GitHub fails or doesn't answer: whether a write was done is not known."""
