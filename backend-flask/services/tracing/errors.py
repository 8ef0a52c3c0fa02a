"""What can go wrong with tracing.

TracingError
├── TracingSettingsError    settings are wrong; lists every problem
├── ResourceError           what startup reads is missing, denied or unreachable; lists every problem
└── TracingRequiredError    TRACING_REQUIRED is true and tracing can't start
"""

from collections.abc import Iterable


class TracingError(Exception):
    """Base of all errors of this package."""


class _ProblemsError(TracingError):
    """An error with one line for each problem; each names the thing, what was expected and the remedy."""

    headline = "tracing"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{self.headline}: " + "; ".join(self.problems))


class TracingSettingsError(_ProblemsError):
    """Settings are wrong. `problems` holds a line for each."""

    headline = "tracing settings"


class ResourceError(_ProblemsError):
    """What tracing reads at startup can't be had. `problems` holds a line for each."""

    headline = "tracing resources"


class TracingRequiredError(_ProblemsError):
    """Tracing is required (TRACING_REQUIRED=true) and can't start. `problems` holds a line for each."""

    headline = "tracing is required and can't start"
