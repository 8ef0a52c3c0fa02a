"""The files of ``queries/``: Honeycomb's in ``honeycomb/``, X-Ray's in ``xray/``; the file's name is NAME.

A file is a JSON object. Honeycomb's has ``name`` (what a board shows), ``description``, ``query`` (exactly
Honeycomb's own form) and ``style`` (``graph``, ``table`` or ``combo``). X-Ray's has ``name``,
``description``, ``filter`` (a filter expression, in it ``$user`` for whom the caller names) and
``time_range`` in seconds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts import paths
from scripts.errors import OperatorError
from scripts.queries import checking, specification

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDER = paths.ROOT / "queries"
STYLES = ("graph", "table", "combo")
NAME_MAX_CHARACTERS = 80
"""Honeycomb's limits of a query's name and description; its two references differ, these are the lower."""
DESCRIPTION_MAX_CHARACTERS = 280
XRAY_RANGE_MAX_SECONDS = 30 * 86400
"""X-Ray keeps traces for 30 days."""
USER = "$user"
_SAMPLE_USER = '"a user"'
_STEM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HONEYCOMB = {"name": str, "description": str, "query": dict, "style": str}
_XRAY = {"name": str, "description": str, "filter": str, "time_range": int}
_KINDS = {str: "text", dict: "an object", int: "a whole number"}


@dataclass(frozen=True)
class HoneycombQuery:
    """A query of Honeycomb: ``name`` is what NAME takes, ``title`` what people read."""

    name: str
    title: str
    description: str
    query: Mapping[str, Any]
    style: str

    @property
    def time_range(self) -> int:
        """How far back it looks, in seconds."""
        return int(self.query["time_range"])

    service = "Honeycomb"


@dataclass(frozen=True)
class XRayQuery:
    """A filter expression of X-Ray."""

    name: str
    title: str
    description: str
    filter: str
    time_range: int

    @property
    def takes_user(self) -> bool:
        """Tell whether the caller has to name a user."""
        return USER in self.filter

    service = "X-Ray"


Query = HoneycombQuery | XRayQuery


def load(folder: Path = FOLDER) -> dict[str, Query]:
    """Return every query of *folder* by name, Honeycomb's first.

    Raises OperatorError, which names the file and what is wrong in it, for the first that is not right.
    """
    found: dict[str, Query] = {}
    for part, read in (("honeycomb", _honeycomb), ("xray", _xray)):
        for file in sorted((folder / part).glob("*.json")):
            if file.stem in found:
                raise _wrong(file, f"{found[file.stem].service} has a query of that name too", "rename one")
            if not _STEM.fullmatch(file.stem):
                raise _wrong(file, "its name is no query's", "use a-z, 0-9 and single dashes, as in p99.json")
            found[file.stem] = read(file)
    if not found:
        raise OperatorError(f"{paths.shown(folder)} has no queries", remedy="check the checkout is complete")
    return found


def find(queries: Mapping[str, Query], name: str) -> Query:
    """Return the query *name*. Raises OperatorError, which lists the names, where there is none."""
    if name not in queries:
        raise OperatorError(f"there is no query {name!r:.80}", remedy=f"use one of {', '.join(queries)}")
    return queries[name]


def _honeycomb(file: Path) -> HoneycombQuery:
    document = _read(file, _HONEYCOMB)
    wrong = [*_texts(document), *specification.problems(document["query"])]
    if document["style"] not in STYLES:
        wrong.append(f"style is {document['style']!r:.60}, expected {', '.join(STYLES)}")
    _check(file, wrong)
    return HoneycombQuery(
        file.stem, document["name"], document["description"], document["query"], document["style"]
    )


def _xray(file: Path) -> XRayQuery:
    document = _read(file, _XRAY)
    wrong = list(_texts(document))
    if not 1 <= document["time_range"] <= XRAY_RANGE_MAX_SECONDS:
        wrong.append(f"time_range is {document['time_range']!r:.60}, expected 1 to {XRAY_RANGE_MAX_SECONDS}")
    unread = checking.problem(document["filter"].replace(USER, _SAMPLE_USER))
    if unread is not None:
        wrong.append(f"filter: {unread}")
    _check(file, wrong)
    return XRayQuery(
        file.stem, document["name"], document["description"], document["filter"], document["time_range"]
    )


def _read(file: Path, members: Mapping[str, type]) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise _wrong(file, f"line {error.lineno}, column {error.colno}: {error.msg}", "correct it") from error
    except UnicodeDecodeError as error:
        raise _wrong(file, f"byte {error.start} is no UTF-8", "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _wrong(file, str(error), "correct it") from error
    if not isinstance(document, dict):
        raise _wrong(file, "it is no JSON object", f"give it {', '.join(members)}")
    wrong = [f"{name!r} is not known" for name in document if name not in members]
    for name, kind in members.items():
        value = document.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            wrong.append(
                f"{name} is missing" if value is None else f"{name} is {value!r:.60}, expected {_KINDS[kind]}"
            )
    _check(file, wrong)
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands twice in one object")
    return dict(pairs)


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    limits = {"name": NAME_MAX_CHARACTERS, "description": DESCRIPTION_MAX_CHARACTERS}
    for name, limit in limits.items():
        if not 1 <= len(document[name]) <= limit:
            yield f"{name} has {len(document[name])} characters, expected 1 to {limit}"


def _check(file: Path, wrong: list[str]) -> None:
    if wrong:
        raise _wrong(file, "; ".join(wrong), "correct it")


def _wrong(file: Path, what: str, remedy: str) -> OperatorError:
    return OperatorError(f"{paths.shown(file)}: {what}", remedy=remedy)
