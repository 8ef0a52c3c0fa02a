"""What a span says of an exception, whatever the exception makes of being asked."""

import traceback


def status_description(error: BaseException) -> str:
    """Return what OpenTelemetry makes the status of a span that an exception left."""
    return f"{type(error).__name__}: {message_of(error)}"


def message_of(error: BaseException) -> str:
    """Return the exception's message."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 (an exception that can't be told must not become another one)
        return f"<unprintable {type(error).__name__}>"


def stack_trace_of(error: BaseException) -> str:
    """Return the traceback, with those of the exceptions it came from."""
    try:
        return "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001 (see above)
        return f"<no stack trace of {type(error).__name__}>"
