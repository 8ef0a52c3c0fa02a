"""The backend's routes, from a list that a test holds against the backend's own."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from xray.audit.deciding import Route

FILE = Path(__file__).with_name("routes.json")
DEMO = "/demo/"
# What Flask answers beside a route's own methods: browsers and probes ask so.
_FURTHER = {"GET": ("HEAD", "OPTIONS"), "POST": ("OPTIONS",)}
_VARIABLE = re.compile(r"<[^>]*>")


@cache
def every() -> tuple[Route, ...]:
    """Return each route with its own method, in the order in which the backend lists them.

    `name` is as the backend writes it (`GET /api/activities/@<handle>`), `path` that of a request to it.
    Those for demonstrations are last; the backend has them where DEMO_ROUTES is set.
    """
    return tuple(_route(one["route"], one["path"]) for one in json.loads(FILE.read_text()))


def served() -> tuple[Route, ...]:
    """Return the routes that the backend always has."""
    return tuple(route for route in every() if not route.path.startswith(DEMO))


def requested() -> tuple[Route, ...]:
    """Return all that may be requested: the routes, demonstrations too, with HEAD and OPTIONS."""
    return tuple(
        Route(method, route.path, route.pattern, f"{method} {route.name.partition(' ')[2]}")
        for route in every()
        for method in (route.method, *_FURTHER[route.method])
    )


def _route(name: str, path: str) -> Route:
    method, _, rule = name.partition(" ")
    return Route(method, path, _VARIABLE.sub("*", rule), name)
