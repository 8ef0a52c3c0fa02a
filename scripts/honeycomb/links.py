"""Addresses in Honeycomb's user interface that need no API.

Source: docs.honeycomb.io, api/query-template-links.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.honeycomb.api import Access

ALL_DATASETS = "__all__"
# Honeycomb's own words differ on the European host: this is the one of its API's introduction.
_HOSTS = {"api.honeycomb.io": "ui.honeycomb.io", "api.eu1.honeycomb.io": "ui.eu1.honeycomb.io"}


def user_interface(endpoint: str) -> str | None:
    """Return the address of the user interface of the API at *endpoint*, None where it has none."""
    host = _HOSTS.get(urlsplit(endpoint).hostname or "")
    return f"https://{host}" if host else None


def query_template(endpoint: str, access: Access, slug: str, query: Mapping[str, Any]) -> str | None:
    """Return the address that runs *query* when it is opened, None where there is no user interface."""
    start = user_interface(endpoint)
    if start is None or not access.team:
        return None
    place = f"/{quote(access.team, safe='')}"
    if access.environment:
        place += f"/environments/{quote(access.environment, safe='')}"
    if slug != ALL_DATASETS:
        place += f"/datasets/{quote(slug, safe='')}"
    text = json.dumps(query, separators=(",", ":"), ensure_ascii=False)
    return f"{start}{place}?query={quote(text, safe='')}"
