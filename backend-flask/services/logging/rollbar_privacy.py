"""What may leave in a Rollbar item: the error and its trace, nothing of what the caller sent."""

from collections.abc import Iterator
from typing import Any

from services.logging.secrets import without_secrets
from services.tracing.privacy.bare_urls import bare_urls

TEXT_MAX_CHARACTERS = 8192
FRAMES_MAX = 200

_KEPT = (
    "body",
    "code_version",
    "custom",
    "environment",
    "language",
    "level",
    "notifier",
    "timestamp",
    "title",
    "uuid",
)
_OF_FRAME = ("filename", "lineno", "method", "code")


def cleaned(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a payload with only what is known to be harmless, texts without secrets and queries.

    No token (it goes into a header), no request, person, cookies, arguments or local variables.
    """
    data = payload["data"]
    kept = {name: data[name] for name in _KEPT if name in data}
    server = data.get("server", {})
    kept["server"] = {name: server[name] for name in ("host", "pid") if name in server}
    for trace in _traces(kept["body"]):
        frames = trace.get("frames", [])
        trace["frames"] = [
            {name: frame[name] for name in _OF_FRAME if name in frame} for frame in _bounded(frames)
        ]
    cleaned_data: dict[str, Any] = _without_secrets(kept)
    return {"data": cleaned_data}


def _traces(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "trace" in body:
        yield body["trace"]
    yield from body.get("trace_chain", ())


def _bounded(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the frames; of an endless recursion the beginning and the end."""
    if len(frames) <= FRAMES_MAX:
        return frames
    half = FRAMES_MAX // 2
    return [*frames[:half], *frames[-half:]]


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(bare_urls(value[:TEXT_MAX_CHARACTERS]))
    if isinstance(value, dict):
        return {name: _without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(one) for one in value]
    return value
