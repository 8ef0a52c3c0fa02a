"""One trace's documents put together again, as a waterfall shows them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Node:
    """One segment or subsegment in its place. Times are epoch seconds.

    `id` and `parent_id` are in lower case, as their case doesn't count. `end_time` is None while in progress.
    """

    id: str
    name: str
    parent_id: str | None
    is_subsegment: bool
    start_time: float
    end_time: float | None
    document: Mapping[str, Any]
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A trace as trees: the roots, ordered by start, whose parents are none or not in the documents."""

    roots: tuple[Node, ...]

    def walk(self) -> Iterator[tuple[int, Node]]:
        """Yield each node with its depth, parents before children, siblings by start time."""
        stack = [(0, root) for root in reversed(self.roots)]
        while stack:
            depth, node = stack.pop()
            yield depth, node
            stack.extend((depth + 1, child) for child in reversed(node.children))


def merge_trace(documents: Iterable[Mapping[str, Any]]) -> Waterfall:
    """Put segments, independent and embedded subsegments of one trace in their places.

    A complete document replaces the in-progress one of the same id, whichever came first; of two alike the
    later one counts. An orphan, or the earliest of nodes that name each other as parents, becomes a root;
    what is below such a circle stays there.
    Expects documents that `xray.segments.validate_document` finds no problem in.
    """
    nodes: dict[str, Node] = {}
    stack: list[tuple[Mapping[str, Any], str | None]] = []
    stack.extend((document, None) for document in reversed(list(documents)))
    while stack:
        document, enclosing = stack.pop()
        node = _node(document, enclosing)
        known = nodes.get(node.id)
        if known is None or node.end_time is not None or known.end_time is None:
            nodes[node.id] = node
        stack.extend((child, node.id) for child in reversed(document.get("subsegments") or []))
    return Waterfall(tuple(_plant(nodes)))


def _node(document: Mapping[str, Any], enclosing: str | None) -> Node:
    parent_id = enclosing or document.get("parent_id")
    return Node(
        id=document["id"].lower(),
        name=document["name"],
        parent_id=None if parent_id is None else parent_id.lower(),
        is_subsegment=enclosing is not None or document.get("type") == "subsegment",
        start_time=document["start_time"],
        end_time=document.get("end_time"),
        document=document,
    )


def _plant(nodes: Mapping[str, Node]) -> list[Node]:
    ordered = sorted(nodes.values(), key=_by_start)
    roots: list[Node] = []
    in_order = True
    for node in ordered:
        parent = nodes.get(node.parent_id or "")
        if parent is None:
            roots.append(node)
        else:
            parent.children.append(node)
            in_order = in_order and _by_start(parent) < _by_start(node)
    if in_order:  # no circle: on it, one at least would come before its parent
        return roots
    reached = {node.id for _, node in Waterfall(tuple(roots)).walk()}
    for node in ordered:
        if node.id not in reached:
            # Below a circle of parents, or on it: cut above its earliest node, so that the walk ends.
            earliest = min(_circle_above(node, nodes), key=_by_start)
            nodes[earliest.parent_id or ""].children.remove(earliest)
            roots.append(earliest)
            reached |= {below.id for _, below in Waterfall((earliest,)).walk()}
    return sorted(roots, key=_by_start)


def _circle_above(node: Node, nodes: Mapping[str, Node]) -> list[Node]:
    """Return the nodes of the circle that a node without a root above it leads to."""
    way: dict[str, Node] = {}
    while node.id not in way:
        way[node.id] = node
        node = nodes[node.parent_id or ""]
    ids = list(way)
    return [way[identity] for identity in ids[ids.index(node.id) :]]


def _by_start(node: Node) -> tuple[float, str]:
    return node.start_time, node.id
