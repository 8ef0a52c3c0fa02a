"""`/1/auth` and `/2/auth`: what a key is and may do (reference: Honeycomb API, Auth)."""

import json
from http import HTTPStatus

from localcloud.honeycomb.api.problems import JSON_API
from localcloud.honeycomb.api.router import ApiCall, Route
from localcloud.honeycomb.api.times import text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.keys import TEAM

_TEAM = {"id": "hcxtm_" + 26 * "0", "type": "teams"}


def routes() -> list[Route]:
    """Return the routes."""
    return [Route("GET", "/1/auth", _auth), Route("GET", "/2/auth", _management_auth, is_management=True)]


async def _auth(call: ApiCall) -> Response:
    return json_response(HTTPStatus.OK, call.key.describe())


async def _management_auth(call: ApiCall) -> Response:
    created = text_of(call.key.created_ns)
    attributes = {
        "name": "local",
        "key_type": str(call.key.type),
        "disabled": False,
        "scopes": ["api-keys:write", "environments:write"],
        "timestamps": {"created": created, "updated": created},
    }
    document = {
        "data": {
            "id": call.key.id,
            "type": "api-keys",
            "attributes": attributes,
            "relationships": {"team": {"data": _TEAM}},
        },
        "included": [{**_TEAM, "attributes": {"name": TEAM, "slug": TEAM}}],
    }
    return Response(HTTPStatus.OK, json.dumps(document).encode(), JSON_API)
