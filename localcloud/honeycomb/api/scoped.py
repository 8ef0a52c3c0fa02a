"""Objects that belong to a dataset, or to the whole environment."""

import asyncio
from http import HTTPStatus

from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection
from localcloud.honeycomb.api.router import ApiCall
from localcloud.honeycomb.asgi import Response, json_response


class Scoped:
    """A collection whose objects are found below `{slug}` in a path."""

    def __init__(self, catalogue: Catalogue, objects: Collection) -> None:
        self._catalogue = catalogue
        self.objects = objects

    async def _slug(self, call: ApiCall) -> str:
        """Return the dataset's slug, or `__all__`; raise ApiError (404) where there is none."""
        return await asyncio.to_thread(self._catalogue.slug, call.path["slug"], all_allowed=True)

    async def _list(self, call: ApiCall) -> Response:
        return json_response(HTTPStatus.OK, self.objects.of(await self._slug(call)))

    async def _get(self, call: ApiCall) -> Response:
        return json_response(HTTPStatus.OK, self.objects.get(await self._slug(call), call.path["id"]))
