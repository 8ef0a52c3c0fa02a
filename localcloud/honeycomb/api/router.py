"""Which request goes where: method and path to a handler, after the key was checked and the body read."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.bodies import management_document
from localcloud.honeycomb.asgi import Request, Response, json_response
from localcloud.honeycomb.errors import ApiError, FaultedError, StorageError
from localcloud.honeycomb.faults import FaultSwitch
from localcloud.honeycomb.key_ring import KeyRing
from localcloud.honeycomb.keys import KEY_HEADER, Key, KeyType

QUERY_MAX_FIELDS = 100


class Body(Enum):
    """Who reads a request's body."""

    NONE = auto()
    MANAGEMENT = auto()
    """The router, as a JSON document of at most 100,000 bytes."""
    OWN = auto()
    """The handler."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request to a handler. `path` has the template's parameters, `document` the body's JSON."""

    request: Request
    key: Key
    path: Mapping[str, str]
    document: Any = None

    @property
    def query(self) -> dict[str, str]:
        """The query string's parameters; of those that come several times the first."""
        try:
            pairs = parse_qsl(self.request.query, keep_blank_values=True, max_num_fields=QUERY_MAX_FIELDS)
        except ValueError:
            return {}
        return dict(reversed(pairs))


Handler = Callable[[ApiCall], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """`template` is a path whose parameters are in braces: `/1/columns/{slug}`.

    needs: the permissions that a key must have, all of them.
    is_management: whether it takes a management key, as a Bearer token, in place of any other.
    """

    method: str
    template: str
    handler: Handler
    needs: tuple[str, ...] = ()
    body: Body = Body.NONE
    is_management: bool = False

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """Return the path's parameters; None where the path isn't of this route. None of them is empty."""
        parts = self.template.split("/")
        if len(parts) != len(segments):
            return None
        found: dict[str, str] = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                if not segment:
                    return None
                found[part[1:-1]] = segment
            elif part != segment:
                return None
        return found


class Router:
    """Answers the requests of `/1` and `/2`; counts them, in all and by status."""

    def __init__(
        self, keys: KeyRing, faults: FaultSwitch, routes: Iterable[Route], counters: Counter[str]
    ) -> None:
        self._keys = keys
        self._faults = faults
        self._routes = tuple(routes)
        self._counters = counters

    async def handle(self, request: Request) -> Response:
        """Return the answer, whatever the request is.

        Raises:
            ConnectionDroppedError: a fault says that there is to be no answer.
        """
        self._counters["api.requests"] += 1
        try:
            await self._faults.apply(request.path)
            response = await self._answer(request)
        except FaultedError as error:
            response = _faulted(error)
        except StorageError as error:
            response = problems.unavailable(str(error)).response
        except ApiError as error:
            response = error.response
        self._counters[f"api.requests.{int(response.status)}"] += 1
        return response

    async def _answer(self, request: Request) -> Response:
        # Honeycomb takes `/1/boards/` for `/1/boards` (reference: its Terraform provider's live tests).
        segments = request.path.removesuffix("/").split("/")
        matches = [(route, path) for route in self._routes if (path := route.match(segments)) is not None]
        if not matches:
            raise problems.not_found("Resource")
        for route, path in matches:
            if route.method == request.method:
                key = self._check(route, request)
                document = management_document(request) if route.body is Body.MANAGEMENT else None
                return await route.handler(ApiCall(request, key, path, document))
        raise problems.method_not_allowed(sorted({route.method for route, _ in matches}))

    def _check(self, route: Route, request: Request) -> Key:
        if route.is_management:
            scheme, _, value = request.headers.get("authorization", "").partition(" ")
            key = self._keys.find(value.strip()) if scheme.lower() == "bearer" else None
            if key is None or key.type is not KeyType.MANAGEMENT:
                raise problems.unauthorised_management()
            return key
        key = self._keys.find(request.headers.get(KEY_HEADER))
        if key is None or key.type is KeyType.MANAGEMENT:
            raise problems.unauthorised()
        if not key.may(route.needs):
            raise problems.forbidden(f"the API key lacks a permission: {', '.join(route.needs)}")
        return key


def _faulted(error: FaultedError) -> Response:
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    response = json_response(error.status, {"error": str(error)})
    return Response(response.status, response.body, response.content_type, headers)


def no_content() -> Response:
    """Return 204."""
    return Response(HTTPStatus.NO_CONTENT)
