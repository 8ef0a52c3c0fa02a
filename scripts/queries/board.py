"""The board of first looks: each of Honeycomb's queries as a panel, made once, then kept as the files say.

The board is known by its tag, a panel by its title; what others put on it stays. At Honeycomb a query never
changes and an annotation stays with its query, so that a changed file makes new ones of both.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scripts.honeycomb.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scripts.honeycomb.api import Annotation, Honeycomb
    from scripts.honeycomb.place import Place
    from scripts.queries.files import HoneycombQuery, XRayQuery

TAG_KEY = "board"
NAME_MAX_CHARACTERS = 255
DESCRIPTION = "What people look at first; kept by `make board` as the files in queries/honeycomb say."
TEXT_TITLE = "**The same traces in X-Ray**"
_TAG_VALUE = re.compile(r"[a-z][a-z0-9/-]{,127}")
_DEFAULTS = {"filter_combination": "AND", "usage_mode": False}


@dataclass(frozen=True)
class Outcome:
    """What came of it: the board's id and address, and what was done with it."""

    id: str
    url: str
    did: str
    panels: Sequence[Mapping[str, str]]
    new_queries: int


def keep(place: Place, queries: Sequence[HoneycombQuery], filters: Iterable[XRayQuery]) -> Outcome:
    """Make the board of *queries* at *place*, or bring the one that is there up to date.

    Raises HoneycombError. What is interrupted is completed by the next run.
    """
    honeycomb, slug = place.honeycomb, place.slug
    found = _ours(honeycomb.boards(), tag(slug))
    known = honeycomb.annotations(slug)
    annotations = [_kept(honeycomb, slug, query, known) for query in queries]
    before = {annotation.id for annotation in known}
    now = {annotation.id for annotation in annotations}
    titles = {query.title for query in queries}
    replaced = _on(found) & {one.id for one in known if one.name in titles} - now
    wanted = _board(slug, queries, annotations, filters, _others(found, now | replaced))
    if found is None:
        answer, did = honeycomb.create_board(wanted), "created"
    elif _is_as(found, wanted):
        answer, did = found, "unchanged"
    else:
        answer, did = honeycomb.update_board(str(found["id"]), wanted | _kept_as_is(found)), "updated"
    _remove(honeycomb, slug, replaced)
    panels = [
        {"name": query.name, "query_id": annotation.query_id, "query_annotation_id": annotation.id}
        for query, annotation in zip(queries, annotations, strict=True)
    ]
    links = answer.get("links")
    url = str(links.get("board_url") or "") if isinstance(links, dict) else ""
    return Outcome(str(answer.get("id", "")), url, did, panels, len(now - before))


def tag(slug: str) -> dict[str, str]:
    """Return the tag of *slug*'s board. Honeycomb takes lowercase letters, digits, ``/`` and ``-``."""
    value = f"first-looks/{slug}"
    if not _TAG_VALUE.fullmatch(value):
        value = f"first-looks/{hashlib.sha256(slug.encode('utf-8', 'replace')).hexdigest()}"
    return {"key": TAG_KEY, "value": value}


def _ours(boards: Iterable[Mapping[str, Any]], wanted: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Return the board with the tag; of several, which only hands can make, always the same one."""
    tagged = [board for board in boards if wanted in (board.get("tags") or [])]
    return min(tagged, key=lambda board: str(board.get("id")), default=None)


def _kept(honeycomb: Honeycomb, slug: str, query: HoneycombQuery, known: Iterable[Annotation]) -> Annotation:
    """Return the query's annotation, with its description: one that is there, or else a new one."""
    annotation = _known(honeycomb, slug, query, known)
    if annotation is None:
        return honeycomb.create_annotation(
            slug,
            name=query.title,
            description=query.description,
            query_id=honeycomb.create_query(slug, query.query),
        )
    if annotation.description != query.description:
        annotation = replace(annotation, description=query.description)
        honeycomb.update_annotation(slug, annotation)
    return annotation


def _known(
    honeycomb: Honeycomb, slug: str, query: HoneycombQuery, annotations: Iterable[Annotation]
) -> Annotation | None:
    """Return an annotation with the query's title whose query is the same; one of an earlier run counts."""
    for annotation in annotations:
        if annotation.name != query.title:
            continue
        try:
            stored = honeycomb.query(slug, annotation.query_id)
        except NotFoundError:
            continue
        if is_same(query.query, stored):
            return annotation
    return None


def is_same(query: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Tell whether *stored* is *query* but for what Honeycomb adds to it or leaves out as the default."""
    ours, theirs = _normal(query), _normal(stored)
    if "granularity" not in ours:
        theirs.pop("granularity", None)
    return ours == theirs


def _normal(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [_part(one) for one in value] if isinstance(value, list) else value
        for name, value in query.items()
        if name != "id" and value not in ([], None, _DEFAULTS.get(name))
    }


def _part(part: object) -> object:
    """Return *part*, a calculation, filter or order, without what means the same as nothing."""
    if not isinstance(part, dict):
        return part
    return {name: value for name, value in part.items() if value not in (None, "", "ascending")}


def _board(
    slug: str,
    queries: Sequence[HoneycombQuery],
    annotations: Sequence[Annotation],
    filters: Iterable[XRayQuery],
    others: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    panels: list[Mapping[str, Any]] = [
        {
            "type": "query",
            "query_panel": {
                "query_id": annotation.query_id,
                "query_annotation_id": annotation.id,
                "query_style": query.style,
            },
        }
        for query, annotation in zip(queries, annotations, strict=True)
    ]
    panels.append({"type": "text", "text_panel": {"content": _text(filters)}})
    return {
        "name": f"{slug}: first looks"[:NAME_MAX_CHARACTERS],
        "description": DESCRIPTION,
        "type": "flexible",
        "layout_generation": "auto",
        "panels": [*panels, *others],
        "tags": [tag(slug)],
    }


def _kept_as_is(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an update sends back as it is: all tags, ours among them, and what others filter by."""
    return {name: found[name] for name in ("tags", "preset_filters") if found.get(name)}


def _text(filters: Iterable[XRayQuery]) -> str:
    """Return what the board says of X-Ray: its queries can't be panels here."""
    lines = [f"- {one.description} `{one.filter}` (`make query NAME={one.name}`)" for one in filters]
    return "\n".join([TEXT_TITLE, "", *lines])


def _is_as(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether board *found* shows what is *wanted*; where its panels stand is its users' to choose."""
    is_named_so = all(found.get(name) == wanted[name] for name in ("name", "description"))
    shown, asked = ([_content(panel) for panel in board.get("panels") or []] for board in (found, wanted))
    return is_named_so and sorted(shown, key=repr) == sorted(asked, key=repr)


def _content(panel: Mapping[str, Any]) -> dict[str, Any]:
    """Return *panel* without its place, and without what Honeycomb adds."""
    kept = {name: value for name, value in panel.items() if name != "position"}
    query = kept.get("query_panel")
    if isinstance(query, dict):
        members = ("query_id", "query_annotation_id", "query_style", "visualization_settings")
        kept["query_panel"] = {name: query[name] for name in members if query.get(name)}
    return kept


def _others(board: Mapping[str, Any] | None, ours: set[str]) -> list[dict[str, Any]]:
    """Return the panels that others put on the board."""
    found = [_content(panel) for panel in (board or {}).get("panels") or []]
    return [
        panel
        for panel in found
        if _annotation_id(panel) not in ours and not _words(panel).startswith(TEXT_TITLE)
    ]


def _on(board: Mapping[str, Any] | None) -> set[str]:
    """Return the annotations that are on the board."""
    return {_annotation_id(panel) for panel in (board or {}).get("panels") or []}


def _annotation_id(panel: Mapping[str, Any]) -> str:
    return str((panel.get("query_panel") or {}).get("query_annotation_id") or "")


def _words(panel: Mapping[str, Any]) -> str:
    return str((panel.get("text_panel") or {}).get("content") or "")


def _remove(honeycomb: Honeycomb, slug: str, annotation_ids: Iterable[str]) -> None:
    for annotation_id in sorted(annotation_ids):
        try:
            honeycomb.delete_annotation(slug, annotation_id)
        except NotFoundError:
            continue
