"""Where an environment's events are at Honeycomb: endpoint and data set, from the rendered honeycomb unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.honeycomb import key
from scripts.honeycomb.api import Honeycomb
from scripts.honeycomb.client import Client
from scripts.honeycomb.errors import NotAllowedError, UnknownKeyError
from scripts.honeycomb.links import ALL_DATASETS
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.environment import Environment
    from scripts.honeycomb.api import Access, Dataset
    from scripts.output import Output

UNIT = "honeycomb"
NAMES_MAX = 10
NAME_MAX_CHARACTERS = 120
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9_.~-]")


@dataclass(frozen=True)
class Place:
    """One data set of one environment of Honeycomb, as one key sees it."""

    honeycomb: Honeycomb
    access: Access
    slug: str


def connect(environment: Environment, output: Output, dataset: str = "") -> Place:
    """Return where *environment*'s events are, or, in the same environment of Honeycomb, *dataset*.

    Endpoint and data set are the honeycomb unit's; no account is asked for them. Raises OperatorError where
    there is no key or no such data set, and HoneycombError where Honeycomb doesn't take the key.
    """
    shown = key.find(environment.name)
    inputs = render(environment, [UNIT])[UNIT].inputs
    client = Client(str(inputs["endpoint"]), shown, is_local=environment.is_local, tell=output.say)
    honeycomb = Honeycomb(client)
    return Place(honeycomb, honeycomb.access(), slug(honeycomb, dataset or str(inputs["dataset"])))


def slug(honeycomb: Honeycomb, name: str) -> str:
    """Return the slug of the data set *name*, given as name, in any case, or as slug.

    ``__all__`` stands for all of the environment's. A key that may not list data sets gets the slug that
    Honeycomb's rule makes of the name. Raises OperatorError where there is no such data set.
    """
    if name == ALL_DATASETS:
        return name
    try:
        found = honeycomb.datasets()
    except (NotAllowedError, UnknownKeyError):
        # Listing needs a permission of its own (Create Datasets), which a key for queries may lack.
        return _NOT_IN_A_SLUG.sub("-", name.lower())
    for dataset in found:
        if name.casefold() == dataset.name.casefold() or name == dataset.slug:
            return dataset.slug
    raise OperatorError(
        f"Honeycomb has no data set {name!r:.{NAME_MAX_CHARACTERS}} (there: {_told(name, found)})",
        remedy="send it something first, as in `make backend` and a request, or name another with DATASET",
    )


def _told(asked: str, found: Sequence[Dataset]) -> str:
    """Return the names of data sets; of many the ten most like *asked*, and how many more there are."""
    names = sorted(f"{dataset.name:.{NAME_MAX_CHARACTERS}}" for dataset in found)
    if len(names) <= NAMES_MAX:
        return ", ".join(names) or "none"
    like = get_close_matches(asked[:NAME_MAX_CHARACTERS], names, NAMES_MAX, cutoff=0.0)
    return f"{', '.join(like)} and {len(names) - NAMES_MAX} more"
