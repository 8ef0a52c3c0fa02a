"""Addresses in Honeycomb's own UI.

Boards' and traces' are as Honeycomb documents them. Its API's examples show query results of Classic alone
(`/<team>/datasets/<slug>/result/<id>`); the environment between is ours, as in a trace's address.
"""

from urllib.parse import quote

from localcloud.honeycomb.datasets import ALL_DATASETS, dataset_slug
from localcloud.honeycomb.keys import TEAM, Key

UI = "https://ui.honeycomb.io"


def board_url(key: Key, board_id: str) -> str:
    """Return the board's address."""
    return f"{_environment(key)}/board/{board_id}"


def query_url(key: Key, slug: str, result_id: str) -> str:
    """Return the address of a query's result."""
    dataset = "" if slug == ALL_DATASETS else f"/datasets/{quote(slug, safe='')}"
    return f"{_environment(key)}{dataset}/result/{result_id}"


def _environment(key: Key) -> str:
    if not key.environment:
        return f"{UI}/{TEAM}"
    return f"{UI}/{TEAM}/environments/{quote(dataset_slug(key.environment), safe='')}"
