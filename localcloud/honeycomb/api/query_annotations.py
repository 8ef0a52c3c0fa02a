"""`/1/query_annotations` (reference: Honeycomb API, Query Annotations)."""

from http import HTTPStatus

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import ID_MAX_CHARACTERS, new_id
from localcloud.honeycomb.api.queries import Queries
from localcloud.honeycomb.api.router import ApiCall, Body, Route, no_content
from localcloud.honeycomb.api.scoped import Scoped
from localcloud.honeycomb.api.times import Clock, text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.keys import COLUMNS

NAME_MAX_CHARACTERS = 320
DESCRIPTION_MAX_CHARACTERS = 1_023


class QueryAnnotations(Scoped):
    """Lists, makes, changes and deletes the names of queries."""

    def __init__(self, catalogue: Catalogue, queries: Queries, clock: Clock) -> None:
        super().__init__(catalogue, Collection("Query annotation"))
        self._queries = queries
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (COLUMNS,)
        every, one = "/1/query_annotations/{slug}", "/1/query_annotations/{slug}/{id}"
        return [
            Route("GET", every, self._list, needs),
            Route("POST", every, self._create, needs, Body.MANAGEMENT),
            Route("GET", one, self._get, needs),
            Route("PUT", one, self._update, needs, Body.MANAGEMENT),
            Route("DELETE", one, self._delete, needs),
        ]

    def query_of(self, annotation_id: str) -> str | None:
        """Return the id of the query that this annotation names; None where there is no such annotation."""
        return next((str(one["query_id"]) for _, one in self.objects if one["id"] == annotation_id), None)

    async def _create(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        name, description, query_id = _read(call.document)
        if self._queries.objects.find(slug, query_id) is None:
            raise problems.bad_request("Query ID included in body is invalid")
        now = text_of(self._clock())
        annotation = {
            "id": new_id(),
            "name": name,
            "description": description,
            "query_id": query_id,
            "source": "query",
            "created_at": now,
            "updated_at": now,
        }
        return json_response(HTTPStatus.CREATED, self.objects.put(slug, annotation))

    async def _update(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        old = self.objects.get(slug, call.path["id"])
        name, description, query_id = _read(call.document)
        said_id = call.document.get("id")
        if said_id is not None and said_id != old["id"]:
            raise problems.bad_request("Query annotation id included in body does not match URL")
        if query_id != old["query_id"]:
            raise problems.bad_request("queries in annotations cannot be changed")
        changed = {
            **old,
            "name": name,
            "description": description,
            "updated_at": text_of(self._clock()),
        }
        return json_response(HTTPStatus.OK, self.objects.put(slug, changed))

    async def _delete(self, call: ApiCall) -> Response:
        self.objects.remove(await self._slug(call), call.path["id"])
        return no_content()


def _read(document: object) -> tuple[str, str, str]:
    fields = Members.of(document)
    name = fields.text("name", NAME_MAX_CHARACTERS, required=True)
    description = fields.text("description", DESCRIPTION_MAX_CHARACTERS)
    query_id = fields.text("query_id", ID_MAX_CHARACTERS, required=True)
    fields.check()
    return name, description, query_id
