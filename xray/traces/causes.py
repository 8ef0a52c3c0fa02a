"""Root causes: the ways from a trace's entry point to what failed, and to what took the time.

Source: the X-Ray API, FaultRootCause, ErrorRootCause and ResponseTimeRootCause, and published answers of
X-Ray, in which a coverage has three decimals and a segment covers no less than the part of it that the way
goes on with. How X-Ray chooses a way isn't published. Inferred are: one way to each failed entity below which
nothing failed, `ClientImpacting` where every entity on it failed; for the response time the part that covers
most at each step, as long as it covers more than half of what it's in. X-Ray tells of response times where
they are a warning (published: at 2.8 s, not at 1.2 s). Where that begins isn't known: here they always are.
How much of a long way X-Ray tells isn't known either; here it has its two ends.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from xray.traces.facts import CauseEntity, CauseException, CauseService, RootCause, ServiceFacts
from xray.traces.inferring import CALLS
from xray.traces.places import Place

ROOT_CAUSES_MAX = 10
"""Ways told of each kind, the earliest first; X-Ray's own bound isn't known."""
SERVICES_MAX = 100
"""Services told of one way; of a longer one as many from either end."""
ENTITIES_MAX = 1_000
"""Entities told of one way; beyond it each service tells an equal share, from either end of its own."""
_WAYS_LOOKED_AT = 100


def failure_causes(
    places: Sequence[Place], failed: Sequence[Place], root: Place | None, services: Sequence[ServiceFacts]
) -> tuple[RootCause, ...]:
    """Return the ways to the innermost of the `failed`, in the places' order, each different way once."""
    if not failed:
        return ()
    above_failed: set[int] = set()
    innermost: list[Place] = []
    for place in reversed(failed):
        if id(place) not in above_failed:
            innermost.append(place)
        above = place.above
        while above is not None and id(above) not in above_failed:
            above_failed.add(id(above))
            above = above.above
    ids = set(map(id, failed))
    exceptions = _Exceptions(places)
    causes: dict[RootCause, None] = {}
    for place in innermost[: -_WAYS_LOOKED_AT - 1 : -1]:
        way = _way_to(place, root)
        impacting = way[0] is root and all(id(step) in ids for step in way)
        causes[RootCause(impacting, _cause_services(way, services, None, exceptions))] = None
        if len(causes) == ROOT_CAUSES_MAX:
            break
    return tuple(causes)


def response_time_causes(
    places: Sequence[Place], root: Place | None, services: Sequence[ServiceFacts]
) -> tuple[RootCause, ...]:
    """Return the way to what took most of the root's time; nothing before the root has ended."""
    if root is None or root.figures.end_time is None:
        return ()
    begin, end = root.figures.start_time, root.figures.end_time
    whole = end - begin
    if whole <= 0:
        return ()
    covered = [0.0] * len(places)
    heaviest: list[Place | None] = [None] * len(places)
    for place in reversed(places):
        figures, index, above = place.figures, place.index, place.above
        last = figures.end_time
        share = 0.0 if last is None else (min(end, last) - max(begin, figures.start_time)) / whole
        below = heaviest[index]
        if below is not None and covered[below.index] > share:
            share = covered[below.index]
        covered[index] = share
        if above is not None:
            known = heaviest[above.index]
            if known is None or share >= covered[known.index]:
                heaviest[above.index] = place
    way = [root]
    step = heaviest[root.index]
    while step is not None and covered[step.index] * 2 > covered[way[-1].index]:
        way.append(step)
        step = heaviest[step.index]
    coverage = [round(covered[step.index], 3) for step in way]
    return (RootCause(True, _cause_services(way, services, coverage, None)),)


def _way_to(place: Place, root: Place | None) -> list[Place]:
    """Return the entities from the root, or the first one known, to a place."""
    way = [place]
    while way[-1] is not root and (above := way[-1].above) is not None:
        way.append(above)
    way.reverse()
    return way


def _cause_services(
    way: Sequence[Place],
    services: Sequence[ServiceFacts],
    coverage: Sequence[float] | None,
    exceptions: "_Exceptions | None",
) -> tuple[CauseService, ...]:
    """Return the services of a way, the one inferred from its last entity included."""
    found: list[CauseService] = []
    entities: list[CauseEntity] = []
    for index, place in enumerate(way):
        if not place.node.is_subsegment:
            if entities:
                found.append(_cause_service(way[index - 1], services, entities))
            entities = []
        document = place.document
        entities.append(
            CauseEntity(
                place.node.name,
                document.get("namespace") in CALLS,
                None if coverage is None else coverage[index],
                () if exceptions is None else exceptions.of(document),
            )
        )
    last = way[-1]
    found.append(_cause_service(last, services, entities))
    if last.callee is not None:
        called = services[last.callee]
        share = None if coverage is None else coverage[-1]
        copy = CauseEntity(called.name, False, share, ())
        found.append(CauseService(called.name, called.type, called.account_id, True, (copy,)))
    return tuple(found) if len(way) < SERVICES_MAX else _bounded(found)


def _bounded(services: Sequence[CauseService]) -> tuple[CauseService, ...]:
    kept = _ends(services, SERVICES_MAX)
    if sum(len(service.entity_path) for service in kept) <= ENTITIES_MAX:
        return kept
    share = ENTITIES_MAX // len(kept)
    return tuple([service._replace(entity_path=_ends(service.entity_path, share)) for service in kept])


_Kept = TypeVar("_Kept")


def _ends(items: Sequence[_Kept], count: int) -> tuple[_Kept, ...]:
    """Return the items, of more than `count` as many from either end."""
    if len(items) <= count:
        return tuple(items)
    return (*items[: count - count // 2], *items[-(count // 2) :])


def _cause_service(
    place: Place, services: Sequence[ServiceFacts], entities: Sequence[CauseEntity]
) -> CauseService:
    if place.service is None:  # a subsegment whose segment isn't there: all that is known is its name
        return CauseService(entities[0].name, None, None, False, tuple(entities))
    service = services[place.service]
    return CauseService(service.name, service.type, service.account_id, service.inferred, tuple(entities))


class _Exceptions:
    """The exceptions of a trace; a `cause` may be the id of one that another entity holds."""

    __slots__ = ("_by_id", "_places")

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._by_id: dict[str, CauseException] | None = None

    def of(self, document: Mapping[str, Any]) -> tuple[CauseException, ...]:
        """Return the exceptions that an entity's cause tells of."""
        cause = document.get("cause")
        if cause is None:
            return ()
        if isinstance(cause, str):
            known = self._index().get(cause.lower())
            return () if known is None else (known,)
        return tuple([_exception(told) for told in cause.get("exceptions", ())])

    def _index(self) -> dict[str, CauseException]:
        if self._by_id is None:
            self._by_id = {
                told["id"].lower(): _exception(told)
                for place in self._places
                if isinstance(cause := place.document.get("cause"), Mapping)
                for told in cause.get("exceptions", ())
            }
        return self._by_id


def _exception(told: Mapping[str, Any]) -> CauseException:
    return CauseException(told.get("type"), told.get("message"))
