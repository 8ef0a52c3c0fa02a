"""`/1/marker_settings` (reference: Honeycomb API, Marker Settings)."""

import re
from http import HTTPStatus

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import new_id
from localcloud.honeycomb.api.router import ApiCall, Body, Route
from localcloud.honeycomb.api.scoped import Scoped
from localcloud.honeycomb.api.times import Clock, text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.keys import MARKERS
from localcloud.honeycomb.query.errors import INVALID

TYPE_MAX_CHARACTERS = 255
_COLOR = re.compile("#[0-9a-fA-F]{6}")


class MarkerSettings(Scoped):
    """Lists, makes, changes and deletes the colours of markers' types."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        super().__init__(catalogue, Collection("Marker setting"))
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (MARKERS,)
        every, one = "/1/marker_settings/{slug}", "/1/marker_settings/{slug}/{id}"
        return [
            Route("GET", every, self._list, needs),
            Route("POST", every, self._create, needs, Body.MANAGEMENT),
            Route("PUT", one, self._update, needs, Body.MANAGEMENT),
            Route("DELETE", one, self._delete, needs),
        ]

    def color(self, slug: str, kind: str) -> str | None:
        """Return the colour of the markers of this type."""
        found = [one["color"] for one in self.objects.of(slug) if one["type"] == kind]
        return str(found[0]) if found else None

    async def _create(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        kind, color = _read(call.document)
        if self.color(slug, kind) is not None:
            raise problems.conflict("a marker setting for that type already exists")
        created = text_of(self._clock())
        setting = {"id": new_id(), "type": kind, "color": color, "created_at": created, "updated_at": None}
        return json_response(HTTPStatus.CREATED, self.objects.put(slug, setting))

    async def _update(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        old = self.objects.get(slug, call.path["id"])
        kind, color = _read(call.document)
        if kind != old["type"]:
            fields = Members.of(call.document)
            fields.note("type", INVALID, "may not be changed")
            fields.check()
        changed = {**old, "color": color, "updated_at": text_of(self._clock())}
        return json_response(HTTPStatus.OK, self.objects.put(slug, changed))

    async def _delete(self, call: ApiCall) -> Response:
        return json_response(HTTPStatus.OK, self.objects.remove(await self._slug(call), call.path["id"]))


def _read(document: object) -> tuple[str, str]:
    fields = Members.of(document)
    kind = fields.text("type", TYPE_MAX_CHARACTERS, required=True)
    color = fields.text("color", TYPE_MAX_CHARACTERS, required=True)
    if color and not _COLOR.fullmatch(color):
        fields.note("color", INVALID, "must be a colour such as #F96E11")
    fields.check()
    return kind, color
