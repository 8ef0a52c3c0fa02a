"""The local cloud's own endpoints on the AWS port, below /_localcloud/."""

import json
from typing import Any

from localcloud.aws.asgi import Receive, Request, Response, read_body
from localcloud.aws.state import AwsState

PREFIX = "/_localcloud/"
BODY_MAX_BYTES = 64 * 1024


async def control(state: AwsState, request: Request, receive: Receive) -> Response:
    """Answer one call to the local cloud itself."""
    match request.method, request.path.removeprefix(PREFIX):
        case "GET", "health":
            return _json({"status": "ok"})
        case "GET", "authorisation":
            return _json({"enabled": state.authorise})
        case "PUT", "authorisation":
            return _switch(state, await read_body(receive, BODY_MAX_BYTES))
        case "GET", "calls":
            return _json(state.calls.as_documents())
        case "DELETE", "calls":
            state.calls.clear()
            return Response(204)
        case "GET", "daemon":
            return _json(state.daemon_counters())
    return _json({"error": f"there is no {request.method} {request.path[:200]}"}, 404)


def _switch(state: AwsState, body: bytes) -> Response:
    try:
        enabled = json.loads(body)["enabled"]
    except (ValueError, TypeError, KeyError, RecursionError):
        enabled = None
    if not isinstance(enabled, bool):
        return _json({"error": 'expected {"enabled": true} or {"enabled": false}'}, 400)
    state.authorise = enabled
    return _json({"enabled": enabled})


def _json(document: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(document).encode(), [("content-type", "application/json")])
