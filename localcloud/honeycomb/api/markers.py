"""`/1/markers` (reference: Honeycomb API, Markers)."""

from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection, Document
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import new_marker_id
from localcloud.honeycomb.api.marker_settings import MarkerSettings
from localcloud.honeycomb.api.router import ApiCall, Body, Route
from localcloud.honeycomb.api.scoped import Scoped
from localcloud.honeycomb.api.times import Clock, text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.keys import MARKERS
from localcloud.honeycomb.numbers import NANOSECONDS

TEXT_MAX_CHARACTERS = 65_536
_TEXTS = ("message", "type", "url")
_TIME_MAX_SECONDS = 2**53


class Markers(Scoped):
    """Lists, makes, changes and deletes markers; a marker's colour is its type's setting."""

    def __init__(self, catalogue: Catalogue, settings: MarkerSettings, clock: Clock) -> None:
        super().__init__(catalogue, Collection("Marker"))
        self._settings = settings
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (MARKERS,)
        every, one = "/1/markers/{slug}", "/1/markers/{slug}/{id}"
        return [
            Route("GET", every, self._list, needs),
            Route("POST", every, self._create, needs, Body.MANAGEMENT),
            Route("PUT", one, self._update, needs, Body.MANAGEMENT),
            Route("DELETE", one, self._delete, needs),
        ]

    async def _list(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        shown = [self._shown(slug, marker) for marker in self.objects.of(slug)]
        return json_response(HTTPStatus.OK, shown)

    async def _create(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        now = self._clock()
        marker = {**_read(call.document, now), "id": new_marker_id(), "created_at": text_of(now)}
        self.objects.put(slug, {**marker, "updated_at": text_of(now)})
        return json_response(HTTPStatus.CREATED, self.objects.get(slug, marker["id"]))

    async def _update(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        old = self.objects.get(slug, call.path["id"])
        now = self._clock()
        kept = {name: old[name] for name in ("id", "created_at")}
        marker = {**_read(call.document, now), **kept, "updated_at": text_of(now)}
        return json_response(HTTPStatus.OK, self.objects.put(slug, marker))

    async def _delete(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        return json_response(HTTPStatus.OK, self.objects.remove(slug, call.path["id"]))

    def _shown(self, slug: str, marker: Document) -> Document:
        color = self._settings.color(slug, str(marker.get("type", "")))
        return {**marker, "color": color} if color else marker


def _read(document: object, now_ns: int) -> dict[str, Any]:
    """Return what a body says; a marker without a start begins now."""
    fields = Members.of(document)
    marker: dict[str, Any] = {name: fields.text(name, TEXT_MAX_CHARACTERS) for name in _TEXTS}
    marker["start_time"] = fields.whole("start_time", 0, _TIME_MAX_SECONDS) or now_ns // NANOSECONDS
    marker["end_time"] = fields.whole("end_time", 0, _TIME_MAX_SECONDS)
    fields.check()
    return {name: value for name, value in marker.items() if value}
