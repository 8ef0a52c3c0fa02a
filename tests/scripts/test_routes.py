"""The list of the backend's routes against the backend."""

from __future__ import annotations

import pytest

from app import create_app
from scripts import routes
from services.tracing.settings import TracingSettings
from settings import Settings
from xray.audit import Route
from xray.wildcards import wildcard_match


def test_the_list_is_the_backends_own() -> None:
    """Every route and method that the application has, and no other; HEAD and OPTIONS as Flask adds them."""
    app = create_app(Settings(demo_routes=True, tracing=TracingSettings(sampler="always_off")))
    own = {f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert {str(route) for route in routes.requested()} == own
    assert [str(route) for route in routes.every()] == [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_a_routes_path_is_one_of_its_requests() -> None:
    """The application finds the route by its path, and the pattern matches it."""
    app = create_app(Settings(demo_routes=True, tracing=TracingSettings(sampler="always_off")))
    adapter = app.url_map.bind("localhost")
    for route in routes.every():
        rule, _ = adapter.match(route.path, method=route.method, return_rule=True)
        assert f"{route.method} {rule.rule}" == str(route)
        assert wildcard_match(route.pattern, route.path)


@pytest.mark.parametrize("name", ["GET /demo/failure", "GET /demo/upstream"])
def test_demonstrations_are_not_always_there(name: str) -> None:
    """They are left out of what the backend always serves."""
    assert name in map(str, routes.every())
    assert name not in map(str, routes.served())


def test_a_route_is_called_by_its_path_where_it_has_no_name() -> None:
    """So that a route made of method and path alone can be shown."""
    assert str(Route("GET", "/a")) == "GET /a"
