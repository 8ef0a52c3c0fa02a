"""`/1/boards` (reference: Honeycomb API, Boards): flexible boards."""

import asyncio
import re
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection, Document
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import new_id
from localcloud.honeycomb.api.links import board_url
from localcloud.honeycomb.api.panels import Panels, place
from localcloud.honeycomb.api.queries import Queries
from localcloud.honeycomb.api.query_annotations import QueryAnnotations
from localcloud.honeycomb.api.router import ApiCall, Body, Route, no_content
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.keys import BOARDS
from localcloud.honeycomb.query.errors import INVALID

NAME_MAX_CHARACTERS = 255
DESCRIPTION_MAX_CHARACTERS = 1_024
PANELS_MAX = 100
"""Ours: Honeycomb says no number."""
TAGS_MAX = 10
TAG_KEY_MAX_CHARACTERS = 32
TAG_VALUE_MAX_CHARACTERS = 128
PRESET_FILTERS_MAX = 5
COLUMN_MAX_CHARACTERS = 255
ALIAS_MAX_CHARACTERS = 50

_NO_DATASET = ""
_TAG_KEY = re.compile("[a-z_]+")
"""Described as lowercase letters only, yet an example of the description has `updated_by`."""
_TAG_VALUE = re.compile("[a-z][a-z0-9/-]*")


class Boards:
    """Lists, makes, changes and deletes boards."""

    def __init__(self, catalogue: Catalogue, queries: Queries, annotations: QueryAnnotations) -> None:
        self._boards = Collection("Board")
        self._panels = Panels(queries.dataset_of, annotations.query_of)
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (BOARDS,)
        return [
            Route("GET", "/1/boards", self._list, needs),
            Route("POST", "/1/boards", self._create, needs, Body.MANAGEMENT),
            Route("GET", "/1/boards/{id}", self._get, needs),
            Route("PUT", "/1/boards/{id}", self._update, needs, Body.MANAGEMENT),
            Route("DELETE", "/1/boards/{id}", self._delete, needs),
        ]

    async def _list(self, _call: ApiCall) -> Response:
        return json_response(HTTPStatus.OK, self._boards.of(_NO_DATASET))

    async def _create(self, call: ApiCall) -> Response:
        said = await self._read(call.document)
        board = {"id": new_id(), "preset_filters": [], **said}
        board["links"] = {"board_url": board_url(call.key, board["id"])}
        return json_response(HTTPStatus.CREATED, self._boards.put(_NO_DATASET, board))

    async def _get(self, call: ApiCall) -> Response:
        return json_response(HTTPStatus.OK, self._boards.get(_NO_DATASET, call.path["id"]))

    async def _update(self, call: ApiCall) -> Response:
        old = self._boards.get(_NO_DATASET, call.path["id"])
        said = await self._read(call.document)
        # Preset filters stay where none are given (reference: Honeycomb API, Board).
        kept = {name: old[name] for name in ("id", "preset_filters", "links")}
        return json_response(HTTPStatus.OK, self._boards.put(_NO_DATASET, {**kept, **said}))

    async def _delete(self, call: ApiCall) -> Response:
        self._boards.remove(_NO_DATASET, call.path["id"])
        return no_content()

    async def _read(self, document: object) -> Document:
        """Return what a body says; tags and preset filters are left out where it has none."""
        fields = Members.of(document)
        fields.choice("type", ("flexible",))
        board: dict[str, Any] = {
            "name": fields.text("name", NAME_MAX_CHARACTERS, required=True),
            "description": fields.text("description", DESCRIPTION_MAX_CHARACTERS),
            "type": "flexible",
        }
        layout = fields.choice("layout_generation", ("auto", "manual"), default="manual")
        panels = fields.objects("panels", PANELS_MAX, self._panels.read)
        board["panels"] = place(panels, is_auto=layout == "auto")
        if tags := fields.objects("tags", TAGS_MAX, _tag):
            board["tags"] = tags
        filters = fields.objects("preset_filters", PRESET_FILTERS_MAX, _preset_filter)
        if fields.has("preset_filters"):
            board["preset_filters"] = filters
        fields.check()
        for panel in board["panels"]:
            if "dataset" in panel.get("query_panel", ()):
                slug = panel["query_panel"]["dataset"]
                entry = await asyncio.to_thread(self._catalogue.entry, slug)
                panel["query_panel"]["dataset"] = entry.settings.name
        return board


def _tag(fields: Members) -> Document:
    tag = {
        "key": fields.text("key", TAG_KEY_MAX_CHARACTERS, required=True),
        "value": fields.text("value", TAG_VALUE_MAX_CHARACTERS, required=True),
    }
    if tag["key"] and not _TAG_KEY.fullmatch(tag["key"]):
        fields.note("key", INVALID, "must contain only lowercase letters and _")
    if tag["value"] and not _TAG_VALUE.fullmatch(tag["value"]):
        fields.note(
            "value", INVALID, "must begin with a lowercase letter, then lowercase letters, digits, / and -"
        )
    return tag


def _preset_filter(fields: Members) -> Document:
    return {
        "column": fields.text("column", COLUMN_MAX_CHARACTERS, required=True),
        "alias": fields.text("alias", ALIAS_MAX_CHARACTERS, required=True),
    }
