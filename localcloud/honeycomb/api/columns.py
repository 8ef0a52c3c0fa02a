"""`/1/columns` (reference: Honeycomb API, Columns).

A dataset's columns are those that its events have, and those that were made by hand. What was said of one by
hand, its type included, stands over what its events say.
"""

import asyncio
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import id_of
from localcloud.honeycomb.api.router import ApiCall, Body, Route, no_content
from localcloud.honeycomb.api.times import Clock, text_of
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.datasets import ALL_DATASETS
from localcloud.honeycomb.keys import COLUMNS

TYPES = ("string", "float", "integer", "boolean")
NAME_MAX_CHARACTERS = 255
DESCRIPTION_MAX_CHARACTERS = 255
MADE_MAX = 10_000


@dataclass(frozen=True, slots=True)
class ApiColumn:
    """A column; times in nanoseconds since 1970, `last_written` None where no event had it."""

    slug: str
    key_name: str
    type: str
    created_at: int
    updated_at: int
    last_written: int | None = None
    description: str = ""
    hidden: bool = False

    @property
    def id(self) -> str:
        """The id, which follows from the dataset and the name."""
        return id_of(self.slug, self.key_name)


@dataclass(slots=True)
class _Said:
    """What was said of columns by hand: those made or changed, and when others were deleted."""

    columns: dict[tuple[str, str], ApiColumn] = field(default_factory=dict)
    deleted: dict[tuple[str, str], int] = field(default_factory=dict)


class Columns:
    """Lists, makes, changes and deletes columns."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._said = _Said()

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (COLUMNS,)
        every, one = "/1/columns/{slug}", "/1/columns/{slug}/{id}"
        return [
            Route("GET", every, self._list, needs),
            Route("POST", every, self._create, needs, Body.MANAGEMENT),
            Route("GET", one, self._get, needs),
            Route("PUT", one, self._update, needs, Body.MANAGEMENT),
            Route("DELETE", one, self._delete, needs),
        ]

    def made(self, slug: str) -> list[str]:
        """Return the names of columns made or changed by hand; of all datasets for `__all__`."""
        return [name for its_slug, name in list(self._said.columns) if slug in (its_slug, ALL_DATASETS)]

    def names(self, slug: str) -> set[str]:
        """Return the names of all columns; reads the store, so it is called in a thread."""
        return {column.key_name for column in self._list_of(slug)}

    def forget(self, slug: str) -> None:
        """Drop what was said of a dataset's columns."""
        self._said.columns = {key: one for key, one in self._said.columns.items() if key[0] != slug}
        self._said.deleted = {key: at for key, at in self._said.deleted.items() if key[0] != slug}

    async def _list(self, call: ApiCall) -> Response:
        slug = await asyncio.to_thread(self._catalogue.slug, call.path["slug"], all_allowed=True)
        if slug == ALL_DATASETS and call.key.is_classic:
            raise problems.not_found("Dataset")
        return await asyncio.to_thread(self._listed, slug, call.query.get("key_name"))

    def _listed(self, slug: str, name: str | None) -> Response:
        found = self._list_of(slug)
        if name is None:
            return json_response(HTTPStatus.OK, [_shown(column) for column in found])
        for column in found:
            if column.key_name == name:
                return json_response(HTTPStatus.OK, _shown(column))
        raise problems.not_found("Column")

    async def _create(self, call: ApiCall) -> Response:
        slug = await asyncio.to_thread(self._catalogue.slug, call.path["slug"])
        fields = Members.of(call.document)
        name = fields.text("key_name", NAME_MAX_CHARACTERS)
        if not name:
            fields.check()
            raise problems.bad_request("Key name cannot be blank")
        now = self._clock()
        column = _changed(fields, ApiColumn(slug, name, TYPES[0], now, now), now)
        fields.check()
        if any(one.key_name == name for one in await asyncio.to_thread(self._list_of, slug)):
            raise problems.conflict("column already exists")
        if len(self._said.columns) >= MADE_MAX:
            raise problems.conflict("dataset has reached the maximum number of columns allowed")
        self._keep(column)
        return json_response(HTTPStatus.CREATED, _shown(column))

    async def _get(self, call: ApiCall) -> Response:
        return json_response(HTTPStatus.OK, _shown(await self._find(call)))

    async def _update(self, call: ApiCall) -> Response:
        column = await self._find(call)
        fields = Members.of(call.document)
        column = _changed(fields, column, self._clock())
        fields.check()
        if len(self._said.columns) >= MADE_MAX:
            raise problems.conflict("dataset has reached the maximum number of columns allowed")
        self._keep(column)
        return json_response(HTTPStatus.OK, _shown(column))

    async def _delete(self, call: ApiCall) -> Response:
        column = await self._find(call)
        key = (column.slug, column.key_name)
        self._said.columns.pop(key, None)
        if column.last_written is not None:
            self._said.deleted[key] = self._clock()
        return no_content()

    async def _find(self, call: ApiCall) -> ApiColumn:
        slug = await asyncio.to_thread(self._catalogue.slug, call.path["slug"])
        for column in await asyncio.to_thread(self._list_of, slug):
            if column.id == call.path["id"]:
                return column
        raise problems.not_found("Column")

    def _list_of(self, slug: str) -> list[ApiColumn]:
        """Return the columns of a dataset, or of all, by name."""
        slugs = [entry.slug for entry in self._catalogue.entries()] if slug == ALL_DATASETS else [slug]
        return [column for one in slugs for column in self._of_dataset(one)]

    def _of_dataset(self, slug: str) -> list[ApiColumn]:
        found = {key[1]: column for key, column in list(self._said.columns.items()) if key[0] == slug}
        for info in self._catalogue.stored_columns(slug):
            key = (slug, info.key_name)
            if (said := found.get(info.key_name)) is not None:
                found[info.key_name] = replace(said, last_written=info.last_written)
            elif info.last_written > self._said.deleted.get(key, -1):
                found[info.key_name] = ApiColumn(
                    slug, info.key_name, info.type, info.created_at, info.created_at, info.last_written
                )
        return [found[name] for name in sorted(found)]

    def _keep(self, column: ApiColumn) -> None:
        self._said.columns[column.slug, column.key_name] = column


def _changed(fields: Members, column: ApiColumn, now: int) -> ApiColumn:
    return replace(
        column,
        type=fields.choice("type", TYPES, default=column.type),
        description=fields.text("description", DESCRIPTION_MAX_CHARACTERS, default=column.description),
        hidden=fields.flag("hidden", default=column.hidden),
        updated_at=now,
    )


def _shown(column: ApiColumn) -> dict[str, Any]:
    document = {
        "id": column.id,
        "key_name": column.key_name,
        "type": column.type,
        "description": column.description,
        "hidden": column.hidden,
        "created_at": text_of(column.created_at),
        "updated_at": text_of(column.updated_at),
    }
    if column.last_written is not None:
        document["last_written"] = text_of(column.last_written)
    return document
