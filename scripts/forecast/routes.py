"""Which requests count as one route.

An access log has paths, not routes: parts of a path that look like an id are put under one name. Requests
answered 404 belong to no route of the application's.
"""

from __future__ import annotations

import re

from scripts.forecast.texts import printable

NOT_FOUND = "(not found)"
OTHERS = "(other paths)"
ROUTE_MAX_CHARACTERS = 200
_HEALTH = re.compile(r"\S+ /health(?:/\S*)?")
_NUMBER = re.compile(r"\d+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_ID = re.compile(r"[0-9a-fA-F]{16,}|.{41,}", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{(?:number|uuid|name|id)\}")


def route_of(method: str, path: str) -> str:
    """Return the route of a request, such as ``GET /api/activities/{uuid}``.

    What isn't printable is shown as ``?``; a route longer than 200 characters is cut.
    """
    route = f"{method} {'/'.join(_named(part) for part in path.split('/'))}"
    route = printable(route)
    return route if len(route) <= ROUTE_MAX_CHARACTERS else f"{route[: ROUTE_MAX_CHARACTERS - 1]}…"


def _named(part: str) -> str:
    if _NUMBER.fullmatch(part):
        return "{number}"
    if _UUID.fullmatch(part):
        return "{uuid}"
    if part.startswith("@") and len(part) > 1:
        return "@{name}"
    return "{id}" if _ID.fullmatch(part) else part


def is_health_check(route: str) -> bool:
    """Tell whether a route is a load balancer's: ``/health`` or below."""
    return _HEALTH.fullmatch(route) is not None


def pattern_of(route: str) -> tuple[str, str] | None:
    """Return a route as a rule's HTTP method and URL path, or None where no pattern stands for it alone."""
    method, _, path = route.partition(" ")
    plain = _PLACEHOLDER.sub("*", path)
    if not path.startswith("/") or path.endswith("…") or "*" in path or "?" in path or len(plain) > 128:
        return None
    return (method, plain) if len(method) <= 10 else None
