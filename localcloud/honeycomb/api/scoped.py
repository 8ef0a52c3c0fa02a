"""Objects that belong to a dataset, or to the whole environment."""

import asyncio

from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection
from localcloud.honeycomb.api.router import ApiCall


class Scoped:
    """A collection whose objects are found below `{slug}` in a path."""

    def __init__(self, catalogue: Catalogue, objects: Collection) -> None:
        self._catalogue = catalogue
        self.objects = objects

    async def _slug(self, call: ApiCall) -> str:
        """Return the dataset's slug, or `__all__`; raise ApiError (404) where there is none."""
        return await asyncio.to_thread(self._catalogue.slug, call.path["slug"], all_allowed=True)
