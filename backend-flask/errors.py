"""What the backend raises.

BackendError
├── SettingsError      the environment's values can't be used; the process must not start
└── RequestError       a request that can't be served: HTTP status, code, message
    ├── InvalidInput   400 or 422: what the caller sent
    ├── NotFound       404
    └── UpstreamFailed 502: an outgoing call failed
"""

from collections.abc import Mapping, Sequence

START_FAILED_EXIT_CODE = 4
"""gunicorn's "application failed to load": its master then stops instead of starting workers for ever."""


class BackendError(Exception):
    """Base of every error that this backend raises itself."""


class SettingsError(BackendError):
    """Values of the environment are missing or malformed.

    Attributes:
        problems: one line for each, naming the variable, what was expected and what to do.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"settings: {problem}" for problem in self.problems))


class RequestError(BackendError):
    """A request that gets an error as its answer.

    Attributes:
        status: HTTP status.
        code: what went wrong, for programs: lower case words joined by underscores.
        message: what went wrong, for people; never repeats what the caller sent.
        fields: problems by the name of the input that has them.
    """

    def __init__(self, status: int, code: str, message: str, fields: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        super().__init__(message)


class InvalidInput(RequestError):
    """Input of the wrong form: 400 where the path, the query or the JSON is broken, 422 for its values."""

    def __init__(self, fields: Mapping[str, str], *, status: int = 422, code: str = "invalid_input") -> None:
        message = "; ".join(f"{name}: {problem}" for name, problem in fields.items())
        super().__init__(status, code, message, fields)


class NotFound(RequestError):
    """What the path names does not exist."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(404, code, message)


class UpstreamFailed(RequestError):
    """A call to another service failed."""

    def __init__(self, message: str) -> None:
        super().__init__(502, "upstream_failed", message)
