"""`/1/datasets` (reference: Honeycomb API, Datasets)."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api.catalogue import Catalogue, Entry
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.router import ApiCall, Body, Route
from localcloud.honeycomb.api.times import text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.datasets import NAME_MAX_CHARACTERS
from localcloud.honeycomb.keys import CREATE_DATASETS

DESCRIPTION_MAX_CHARACTERS = 1_024
EXPAND_DEPTH_MAX = 10


class Datasets:
    """Lists, makes, sets and removes datasets; `forget` drops what else is kept of a removed one."""

    def __init__(self, catalogue: Catalogue, forget: Callable[[str], None]) -> None:
        self._catalogue = catalogue
        self._forget = forget

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (CREATE_DATASETS,)
        one = "/1/datasets/{slug}"
        return [
            Route("GET", "/1/datasets", self._list, needs),
            Route("POST", "/1/datasets", self._create, needs, Body.MANAGEMENT),
            Route("GET", one, self._get, needs),
            Route("PUT", one, self._update, needs, Body.MANAGEMENT),
            Route("DELETE", one, self._delete, needs),
        ]

    async def _list(self, _call: ApiCall) -> Response:
        entries = await asyncio.to_thread(self._catalogue.entries)
        return json_response(HTTPStatus.OK, [_shown(entry) for entry in entries])

    async def _create(self, call: ApiCall) -> Response:
        fields = Members.of(call.document)
        name = fields.text("name", NAME_MAX_CHARACTERS, required=True).strip()
        description, depth = _settings(fields)
        fields.check()
        entry, is_new = await asyncio.to_thread(self._catalogue.create, name, description, depth)
        return json_response(HTTPStatus.CREATED if is_new else HTTPStatus.OK, _shown(entry))

    async def _get(self, call: ApiCall) -> Response:
        slug = await asyncio.to_thread(self._catalogue.slug, call.path["slug"])
        return json_response(HTTPStatus.OK, _shown(await asyncio.to_thread(self._catalogue.entry, slug)))

    async def _update(self, call: ApiCall) -> Response:
        slug = await asyncio.to_thread(self._catalogue.slug, call.path["slug"])
        fields = Members.of(call.document)
        description, depth = _settings(fields)
        is_protected = fields.object("settings").flag("delete_protected", default=True)
        fields.check()
        entry = await asyncio.to_thread(
            self._catalogue.update, slug, description, depth, is_delete_protected=is_protected
        )
        return json_response(HTTPStatus.OK, _shown(entry))

    async def _delete(self, call: ApiCall) -> Response:
        slug = await asyncio.to_thread(self._catalogue.slug, call.path["slug"])
        await asyncio.to_thread(self._catalogue.delete, slug)
        self._forget(slug)
        return Response(HTTPStatus.ACCEPTED)


def _settings(fields: Members) -> tuple[str, int]:
    return (
        fields.text("description", DESCRIPTION_MAX_CHARACTERS),
        fields.whole("expand_json_depth", 0, EXPAND_DEPTH_MAX) or 0,
    )


def _shown(entry: Entry) -> dict[str, Any]:
    settings = entry.settings
    written = entry.last_written_at
    return {
        "name": settings.name,
        "slug": entry.slug,
        "description": settings.description,
        "settings": {"delete_protected": settings.is_delete_protected},
        "expand_json_depth": settings.expand_json_depth,
        "created_at": text_of(settings.created_at),
        "last_written_at": None if written is None else text_of(written),
        "regular_columns_count": entry.columns or None,
    }
