"""`/1/derived_columns` (reference: Honeycomb API, Calculated Members)."""

import asyncio
from http import HTTPStatus

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.collection import Collection, Document
from localcloud.honeycomb.api.columns import Columns
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import new_id
from localcloud.honeycomb.api.router import ApiCall, Body, Route, no_content
from localcloud.honeycomb.api.scoped import Scoped
from localcloud.honeycomb.api.times import Clock, text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.datasets import ALL_DATASETS
from localcloud.honeycomb.keys import COLUMNS
from localcloud.honeycomb.query.expressions import ExpressionError, parse
from localcloud.honeycomb.query.model import CalculatedField
from localcloud.honeycomb.query.specification import EXPRESSION_MAX_CHARACTERS

ALIAS_MAX_CHARACTERS = 255
DESCRIPTION_MAX_CHARACTERS = 255
_SHOWN_MAX = 5


class DerivedColumns(Scoped):
    """Lists, makes, changes and deletes calculated fields."""

    def __init__(self, catalogue: Catalogue, columns: Columns, clock: Clock) -> None:
        super().__init__(catalogue, Collection("Derived column"))
        self._columns = columns
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (COLUMNS,)
        every, one = "/1/derived_columns/{slug}", "/1/derived_columns/{slug}/{id}"
        return [
            Route("GET", every, self._list, needs),
            Route("POST", every, self._create, needs, Body.MANAGEMENT),
            Route("GET", one, self._get, needs),
            Route("PUT", one, self._update, needs, Body.MANAGEMENT),
            Route("DELETE", one, self._delete, needs),
        ]

    def fields(self, slug: str) -> list[CalculatedField]:
        """Return what queries over this dataset can use; the dataset's own goes before the environment's."""
        found = {one["alias"]: one["expression"] for one in self.objects.of(ALL_DATASETS)}
        found |= {one["alias"]: one["expression"] for one in self.objects.of(slug)}
        return [CalculatedField(alias, expression) for alias, expression in found.items()]

    async def _list(self, call: ApiCall) -> Response:
        found = self.objects.of(await self._slug(call))
        alias = call.query.get("alias")
        if alias is None:
            return json_response(HTTPStatus.OK, found)
        for one in found:
            if one["alias"] == alias:
                return json_response(HTTPStatus.OK, one)
        raise problems.not_found("Derived column")

    async def _create(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        said = _read(call.document)
        await self._check(slug, said, "")
        now = text_of(self._clock())
        column = {"id": new_id(), **said, "created_at": now, "updated_at": now}
        return json_response(HTTPStatus.CREATED, self.objects.put(slug, column))

    async def _update(self, call: ApiCall) -> Response:
        slug = await self._slug(call)
        old = self.objects.get(slug, call.path["id"])
        said = _read(call.document)
        await self._check(slug, said, old["id"])
        column = {**old, **said, "updated_at": text_of(self._clock())}
        return json_response(HTTPStatus.OK, self.objects.put(slug, column))

    async def _delete(self, call: ApiCall) -> Response:
        self.objects.remove(await self._slug(call), call.path["id"])
        return no_content()

    async def _check(self, slug: str, said: Document, own_id: str) -> None:
        """Raise ApiError where the expression can't be (400), or the alias is taken (409).

        The texts begin as those that honeycombio/terraform-provider-honeycombio expects
        (honeycombio/resource_derived_column_test.go).
        """
        try:
            used = parse(said["expression"]).columns()
        except ExpressionError as error:
            raise problems.bad_request(f"invalid derived column syntax: {error}") from error
        unknown = set(used) - set(await asyncio.to_thread(self._columns.names, slug))
        if unknown:
            raise problems.bad_request(f"unknown column: {', '.join(sorted(unknown)[:_SHOWN_MAX])}")
        alias = said["alias"]
        if any(one["alias"] == alias and one["id"] != own_id for one in self.objects.of(slug)):
            raise problems.conflict("a derived column with that alias already exists")


def _read(document: object) -> Document:
    fields = Members.of(document)
    said = {
        "alias": fields.text("alias", ALIAS_MAX_CHARACTERS, required=True),
        "expression": fields.text("expression", EXPRESSION_MAX_CHARACTERS, required=True),
        "description": fields.text("description", DESCRIPTION_MAX_CHARACTERS),
    }
    fields.check()
    return said
