"""Honeycomb's management API as typed calls; each names what it does and the permission that it needs.

Paths, members and answers: Honeycomb's OpenAPI, /1/auth, /1/datasets, /1/queries, /1/query_results,
/1/query_annotations, /1/boards. Permissions: docs.honeycomb.io, api/permissions.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.honeycomb import answers
from scripts.honeycomb.client import Call, Client, segment
from scripts.honeycomb.errors import NotAllowedError, UnavailableError, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

QUERIES = "Manage Queries and Columns"
RUN = "Run Queries"
BOARDS = "Manage Public Boards"
DATASETS = "Create Datasets"

RESULT_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.2
POLL_MAX_SECONDS = 2.0


@dataclass(frozen=True)
class Access:
    """What ``GET /1/auth`` tells of the key: its kind, and the slugs of its team and environment.

    The environment's slug is empty for a Classic key.
    """

    kind: str
    team: str
    environment: str


@dataclass(frozen=True)
class Dataset:
    """A data set: name, and the slug that stands for it in paths."""

    name: str
    slug: str


@dataclass(frozen=True)
class Annotation:
    """A query's name and description, which a board's panel shows."""

    id: str
    name: str
    description: str
    query_id: str


class Honeycomb:
    """One environment of Honeycomb, as one key sees it."""

    def __init__(self, client: Client, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep
        self._access: Access | None = None
        self.endpoint = client.endpoint

    def access(self, *, patiently: bool = True) -> Access:
        """Return what the key is, asked once, or, if *patiently*, again where Honeycomb is away.

        Raises UnknownKeyError for one that Honeycomb doesn't know.
        """
        if self._access is None:
            self._access = self._read_access(patiently)
        return self._access

    def _read_access(self, patiently: bool) -> Access:
        call = Call("GET", "/1/auth", "reading what the key is", "none", is_repeatable=patiently)
        told = self._object(self._ask(call))
        return Access(str(told.get("type", "")), _slug(told.get("team")), _slug(told.get("environment")))

    def datasets(self) -> list[Dataset]:
        """Return every data set."""
        told = self._ask(Call("GET", "/1/datasets", "listing the data sets", DATASETS))
        return [Dataset(self._text(one, "name"), self._text(one, "slug")) for one in self._list(told)]

    def create_query(self, slug: str, query: Mapping[str, Any]) -> str:
        """Create *query* and return its id; doing it twice makes two that are alike, which harms nobody."""
        doing = f"creating a query of data set {slug}"
        call = Call("POST", f"/1/queries/{segment(slug)}", doing, QUERIES, document=query)
        return self._text(self._ask(call), "id")

    def query(self, slug: str, query_id: str) -> Mapping[str, Any]:
        """Return the query *query_id* as Honeycomb keeps it. Raises NotFoundError where there is none."""
        path = f"/1/queries/{segment(slug)}/{segment(query_id)}"
        return self._object(self._ask(Call("GET", path, "reading a query", QUERIES)))

    def create_result(self, slug: str, query_id: str, *, with_series: bool) -> str:
        """Have the query run and return the result's id. Raises NotAllowedError where the plan has it not."""
        document = {"query_id": query_id, "disable_series": not with_series}
        path = f"/1/query_results/{segment(slug)}"
        call = Call("POST", path, "running the query", RUN, document=document)
        return self._text(self._ask(call), "id")

    def result(self, slug: str, result_id: str) -> Mapping[str, Any]:
        """Return the complete result, asked for until it is. Raises UnavailableError after a minute."""
        path = f"/1/query_results/{segment(slug)}/{segment(result_id)}"
        until = time.monotonic() + RESULT_TIMEOUT_SECONDS
        pause = POLL_SECONDS
        while True:
            told = self._object(self._ask(Call("GET", path, "reading the query's result", RUN)))
            if told.get("complete") is True:
                return told
            if time.monotonic() + pause > until:
                raise UnavailableError(
                    f"the query is not done after {RESULT_TIMEOUT_SECONDS:.0f} s",
                    remedy="set a shorter SINCE",
                )
            self._sleep(pause)
            pause = min(POLL_MAX_SECONDS, pause * 1.5)

    def annotations(self, slug: str) -> list[Annotation]:
        """Return the data set's annotations, those on boards too."""
        path = f"/1/query_annotations/{segment(slug)}"
        everywhere = {"include_board_annotations": "true"}
        told = self._ask(Call("GET", path, "listing the query annotations", QUERIES, parameters=everywhere))
        return [self._annotation(one) for one in self._list(told)]

    def create_annotation(self, slug: str, *, name: str, description: str, query_id: str) -> Annotation:
        """Name the query *query_id*."""
        document = {"name": name, "description": description, "query_id": query_id}
        path, doing = f"/1/query_annotations/{segment(slug)}", f"naming the query {name!r}"
        call = Call("POST", path, doing, QUERIES, document=document, is_repeatable=False)
        return self._annotation(self._ask(call))

    def update_annotation(self, slug: str, annotation: Annotation) -> None:
        """Change name and description; an annotation's query can't be changed."""
        document = {name: getattr(annotation, name) for name in ("name", "description", "query_id")}
        path = f"/1/query_annotations/{segment(slug)}/{segment(annotation.id)}"
        self._ask(Call("PUT", path, f"naming the query {annotation.name!r}", QUERIES, document=document))

    def delete_annotation(self, slug: str, annotation_id: str) -> None:
        """Remove an annotation. Raises NotFoundError where it is gone already."""
        path = f"/1/query_annotations/{segment(slug)}/{segment(annotation_id)}"
        self._ask(Call("DELETE", path, "removing a query annotation", QUERIES))

    def boards(self) -> list[Mapping[str, Any]]:
        """Return every board, as Honeycomb has it."""
        told = self._ask(Call("GET", "/1/boards", "listing the boards", BOARDS))
        return [self._object(one) for one in self._list(told)]

    def create_board(self, board: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create a board and return it with its id and link."""
        call = Call("POST", "/1/boards", "creating the board", BOARDS, document=board, is_repeatable=False)
        return self._object(self._ask(call))

    def update_board(self, board_id: str, board: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replace a board and return it."""
        path = f"/1/boards/{segment(board_id)}"
        return self._object(self._ask(Call("PUT", path, "updating the board", BOARDS, document=board)))

    def _ask(self, call: Call) -> Any:
        try:
            return self._client.ask(call)
        except (UnknownKeyError, NotAllowedError) as error:
            if self._access is None or self._access.kind != "ingest":
                raise
            raise NotAllowedError(
                f"the key is an ingest key, which can only send events ({error.message})",
                remedy=self._client.key_remedy,
            ) from error

    def _annotation(self, told: Any) -> Annotation:
        found = self._object(told)
        return Annotation(
            self._text(found, "id"),
            self._text(found, "name"),
            str(found.get("description") or ""),
            self._text(found, "query_id"),
        )

    def _object(self, told: Any) -> Mapping[str, Any]:
        if not isinstance(told, dict):
            raise answers.not_honeycomb(self.endpoint, "expected a JSON object")
        return told

    def _list(self, told: Any) -> list[Any]:
        if not isinstance(told, list):
            raise answers.not_honeycomb(self.endpoint, "expected a JSON list")
        return told

    def _text(self, told: Any, name: str) -> str:
        value = self._object(told).get(name)
        if not isinstance(value, str) or not value:
            raise answers.not_honeycomb(self.endpoint, f"its answer has no {name!r}")
        return value


def _slug(part: object) -> str:
    return str(part.get("slug") or "") if isinstance(part, dict) else ""
