"""The local cloud's own endpoints on the AWS port, below /_localcloud/."""

import json
from typing import Any

from localcloud.aws.asgi import Receive, Request, Response, read_body
from localcloud.aws.ecs import health
from localcloud.aws.state import AwsState
from localcloud.aws.xray.models import xray_backends
from localcloud.aws.xray.store.shared import shared

PREFIX = "/_localcloud/"
BODY_MAX_BYTES = 64 * 1024
TELEMETRY_SHOWN = 100
"""Records of each account and region, the last ones."""


async def control(state: AwsState, request: Request, receive: Receive) -> Response:
    """Answer one call to the local cloud itself."""
    match request.method, request.path.removeprefix(PREFIX):
        case "GET", "health":
            return _json({"status": "ok"})
        case "GET", "authorisation":
            return _json({"enabled": state.authorise})
        case "PUT", "authorisation":
            return _switch(state, await read_body(receive, BODY_MAX_BYTES))
        case "GET", "unhealthy":
            return _json({"images": health.unhealthy()})
        case "PUT", "unhealthy":
            return _make_unhealthy(await read_body(receive, BODY_MAX_BYTES))
        case "GET", "calls":
            return _json(state.calls.as_documents())
        case "DELETE", "calls":
            state.calls.clear()
            return Response(204)
        case "GET", "daemon":
            return _json(state.daemon_counters())
        case "GET", "xray":
            return _json(shared().counters())
        case "GET", "telemetry":
            return _json(_telemetry())
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


def _make_unhealthy(body: bytes) -> Response:
    try:
        images = json.loads(body)["images"]
    except (ValueError, TypeError, KeyError, RecursionError):
        images = None
    if (
        not isinstance(images, list)
        or len(images) > health.IMAGES_MAX
        or not all(isinstance(image, str) for image in images)
    ):
        return _json(
            {"error": f'expected {{"images": ["<reference>", ...]}}, {health.IMAGES_MAX} at most'}, 400
        )
    health.switch(images)
    return _json({"images": health.unhealthy()})


def _telemetry() -> dict[str, list[dict[str, Any]]]:
    """Return what daemons told of themselves, by account and region."""
    found = {
        f"{account_id}/{region}": backend.telemetry.all()[-TELEMETRY_SHOWN:]
        for account_id, regions in list(xray_backends.items())
        for region, backend in list(regions.items())
    }
    return {place: records for place, records in found.items() if records}


def _json(document: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(document).encode(), [("content-type", "application/json")])
