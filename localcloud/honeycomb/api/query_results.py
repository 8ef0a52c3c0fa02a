"""`/1/query_results` (reference: Honeycomb API, Query Data): queries are run, and what came of it is kept."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import ID_MAX_CHARACTERS, new_id
from localcloud.honeycomb.api.kept_results import KeptResults
from localcloud.honeycomb.api.limits import Limits
from localcloud.honeycomb.api.links import query_url
from localcloud.honeycomb.api.queries import Queries
from localcloud.honeycomb.api.router import ApiCall, Body, Route
from localcloud.honeycomb.api.scoped import Scoped
from localcloud.honeycomb.api.times import Clock
from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.errors import StorageError
from localcloud.honeycomb.keys import COLUMNS, QUERIES
from localcloud.honeycomb.query.engine import Result
from localcloud.honeycomb.query.errors import QueryFailed
from localcloud.honeycomb.query.model import LIMIT_DEFAULT, LIMIT_MAX_WITHOUT_SERIES, Query
from localcloud.honeycomb.query.specification import read

DURATION_MAX_SECONDS = 7 * 86_400
RUNNING_MAX = 4
"""At a time; further ones wait."""
WAITING_MAX = 100

TROUBLE = "we had trouble fetching your results! try again?"
"""Honeycomb's text (reference: Get Query Result)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A query to run over a dataset at this time, in nanoseconds since 1970, for so many groups at most."""

    slug: str
    query: Query
    now: int
    is_without_series: bool
    is_truncated: bool
    limit: int


Run = Callable[[Job], Result]


class QueryResults(Scoped):
    """Runs queries and tells their results."""

    def __init__(
        self,
        catalogue: Catalogue,
        queries: Queries,
        run: Run,
        limits: Limits,
        clock: Clock,
    ) -> None:
        super().__init__(catalogue, queries.objects)
        self._run = run
        self._limits = limits
        self._clock = clock
        self._kept = KeptResults(clock)
        self._running = asyncio.Semaphore(RUNNING_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = 0
        self._is_closed = False
        self._changed = threading.Condition()
        """Guards both, and tells that a thread has ended."""

    def close(self) -> None:
        """Run no more queries, and wait for those that run: each ends within its ten seconds."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: self._threads == 0)

    def routes(self) -> list[Route]:
        """Return the routes."""
        needs = (COLUMNS, QUERIES)
        return [
            Route("POST", "/1/query_results/{slug}", self._create, needs, Body.MANAGEMENT),
            Route("GET", "/1/query_results/{slug}/{id}", self._get, needs),
        ]

    async def _create(self, call: ApiCall) -> Response:
        job = self._job(await self._slug(call), Members.of(call.document))
        if len(self._tasks) >= WAITING_MAX:
            raise problems.rate_limited(f"{WAITING_MAX} queries are running; wait for some of them.", {})
        # Last: what is refused doesn't count.
        headers = self._limits.take_query_result()
        result_id = new_id()
        address = query_url(call.key, job.slug, result_id)
        shown = {
            "id": result_id,
            "query": {**job.query.to_document(), "limit": job.limit},
            "links": {"query_url": address, "graph_image_url": f"{address}/snapshot"},
        }
        begun = {**shown, "complete": False}
        self._kept.begin(job.slug, result_id, json.dumps(begun).encode())
        task = asyncio.create_task(self._complete(result_id, job, shown))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        headers["location"] = f"/1/query_results/{job.slug}/{result_id}"
        response = json_response(HTTPStatus.CREATED, begun)
        return Response(response.status, response.body, response.content_type, headers)

    async def _get(self, call: ApiCall) -> Response:
        body = self._kept.find(await self._slug(call), call.path["id"])
        if body is None:
            raise problems.not_found("Query result")
        return Response(HTTPStatus.OK, body)

    def _job(self, slug: str, fields: Members) -> Job:
        """Return what a body asks for; a limit of its own counts where there are no series."""
        query_id = fields.text("query_id", ID_MAX_CHARACTERS, required=True)
        is_without_series = fields.flag("disable_series")
        limit = fields.whole("limit", 1, LIMIT_MAX_WITHOUT_SERIES) if is_without_series else None
        for name in ("disable_total_by_aggregate", "disable_other_by_aggregate"):
            fields.flag(name, default=True)
        fields.check()
        query = read(self.objects.get(slug, query_id))
        if query.duration > DURATION_MAX_SECONDS:
            raise problems.bad_request("query time range must be at most 7 days")
        return Job(
            slug,
            query,
            self._clock(),
            is_without_series,
            self._limits.truncate_windows,
            limit or query.limit or LIMIT_DEFAULT,
        )

    async def _complete(self, result_id: str, job: Job, shown: dict[str, Any]) -> None:
        async with self._running:
            body = await asyncio.to_thread(self._answer_while_open, job, shown)
        self._kept.complete(result_id, body)

    def _answer_while_open(self, job: Job, shown: dict[str, Any]) -> bytes:
        with self._changed:
            if self._is_closed:
                return b""
            self._threads += 1
        try:
            return self._answer(job, shown)
        finally:
            with self._changed:
                self._threads -= 1
                self._changed.notify_all()

    def _answer(self, job: Job, shown: dict[str, Any]) -> bytes:
        """Return the result as JSON: its data, or, where it failed, why (reference: Get Query Result)."""
        done = {**shown, "complete": True}
        try:
            result = self._run(job)
            data = {"series": result.series, "results": result.results}
            return json.dumps({**done, "data": data}, allow_nan=False).encode()
        except (QueryFailed, StorageError) as error:
            return json.dumps({**done, "error": str(error)}).encode()
        except Exception:
            # A fault of ours; whoever polls must not wait for ever.
            log.exception("a query failed")
            return json.dumps({**done, "error": TROUBLE}).encode()
