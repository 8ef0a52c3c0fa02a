"""`/1/queries` (reference: Honeycomb API, Queries): they are made and read, never changed or removed."""

from http import HTTPStatus

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection
from localcloud.honeycomb.api.ids import new_id
from localcloud.honeycomb.api.router import ApiCall, Body, Route
from localcloud.honeycomb.api.scoped import Scoped
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.keys import COLUMNS
from localcloud.honeycomb.query.errors import QueryError
from localcloud.honeycomb.query.specification import read

QUERIES_MAX = 10_000
"""As nothing removes them, the oldest go."""


class Queries(Scoped):
    """Makes and tells queries."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue, Collection("Query", items_max=QUERIES_MAX, drops_oldest=True))

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/1/queries/{slug}", self._create, (COLUMNS,), Body.MANAGEMENT),
            Route("GET", "/1/queries/{slug}/{id}", self._get, (COLUMNS,)),
        ]

    def dataset_of(self, query_id: str) -> str | None:
        """Return the slug of the dataset that has this query; None where none has."""
        return next((slug for slug, query in self.objects if query["id"] == query_id), None)

    async def _create(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        if not isinstance(call.document, dict):
            raise problems.unparseable("invalid Query data")
        try:
            query = read(call.document)
        except QueryError as error:
            raise problems.invalid(error.problems) from error
        return json_response(HTTPStatus.OK, self.objects.put(slug, {"id": new_id(), **query.to_document()}))
