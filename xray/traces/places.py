"""Where each segment and subsegment of a trace stands: below which, and in which service."""

from collections.abc import Mapping
from typing import Any

from xray.traces.figures import figures_of
from xray.traces.inferring import InferredService, Nesting, inferred_service
from xray.waterfall import Node, Waterfall


class Place:
    """A segment or subsegment in its trace: `index` is that among its places.

    `above` is what it's in or was called from. `service` is the index of the service that made it, None for
    a subsegment whose segment isn't there; `callee` that of the service inferred from it, `inferred` what is
    known of that one.
    """

    __slots__ = ("above", "callee", "document", "figures", "index", "inferred", "node", "service")

    def __init__(self, index: int, node: Node, above: "Place | None") -> None:
        self.index = index
        self.node = node
        self.document: Mapping[str, Any] = node.document
        self.figures = figures_of(node)
        self.above = above
        self.service: int | None = None
        self.inferred: InferredService | None = None
        self.callee: int | None = None


def find_places(waterfall: Waterfall) -> list[Place]:
    """Return the places of a trace, those above first, siblings by start; services are numbered that way."""
    places: list[Place] = []
    services = 0
    nesting = Nesting(waterfall)
    stack: list[tuple[Node, Place | None]] = [(root, None) for root in reversed(waterfall.roots)]
    while stack:
        node, above = stack.pop()
        place = Place(len(places), node, above)
        places.append(place)
        if not node.is_subsegment:
            place.service = services
            services += 1
        else:
            place.service = above.service if above is not None else None
            if "namespace" in place.document:
                inferred = place.inferred = inferred_service(node, nesting)
                if inferred is not None:
                    place.callee = services
                    services += 1
        if node.children:
            stack.extend([(child, place) for child in reversed(node.children)])
    return places
