"""Facts of traces made at random from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.xray.filters.values import ACCOUNTS, ANNOTATION_KEYS, INEXACT, NUMBERS, TEXTS, TIMES, TYPES
from xray.filters.keys import Kind
from xray.traces.facts import (
    CLIENT_TYPE,
    Annotation,
    CauseEntity,
    CauseException,
    CauseService,
    EdgeFacts,
    RootCause,
    ServiceFacts,
    TraceFacts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


class Facts:
    """Makes facts of traces."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def trace(self) -> TraceFacts:
        """A trace of few services."""
        return TraceFacts(
            trace_id="1-00000000-" + "0" * 24,
            id_time=0,
            end_time=2.0,
            duration=self._random.choice(TIMES),
            partial=self._flag(),
            entry_point=self._random.choice((None, 0)),
            services=self._some(self._service, 3),
            edges=self._some(self._edge, 3),
            fault_causes=self._some(self._cause, 2),
            error_causes=self._some(self._cause, 2),
            response_time_causes=self._some(self._cause, 2),
            **self._request(),
        )

    def _service(self) -> ServiceFacts:
        return ServiceFacts(
            id="0" * 16,
            root=self._flag(),
            inferred=self._flag(),
            user=self._maybe(TEXTS),
            availability_zone=self._maybe(TEXTS),
            instance_id=self._maybe(TEXTS),
            resource_arn=self._maybe(TEXTS),
            **self._called(),
        )

    def _edge(self) -> EdgeFacts:
        return EdgeFacts(
            id="0" * 16,
            source_name=self._random.choice(TEXTS[:3]),
            source_type=self._maybe((*TYPES, CLIENT_TYPE)),
            source_account_id=self._maybe(ACCOUNTS),
            **self._called(),
        )

    def _called(self) -> dict[str, Any]:
        return {
            "name": self._random.choice(TEXTS[:3]),
            "type": self._maybe(TYPES),
            "account_id": self._maybe(ACCOUNTS),
            "in_progress": self._flag(),
            "end_time": self._maybe(TIMES),
            **self._request(),
        }

    def _request(self) -> dict[str, Any]:
        return {
            "start_time": self._random.choice(TIMES),
            "response_time": self._maybe(TIMES),
            "error": self._flag(0.2),
            "throttle": self._flag(0.2),
            "fault": self._flag(0.2),
            "http_url": self._maybe(TEXTS),
            "http_method": self._maybe(TEXTS),
            "http_status": self._maybe((0, 1, 2, 200, INEXACT)),
            "http_user_agent": self._maybe(TEXTS),
            "http_client_ip": self._maybe(TEXTS),
            "annotations": self._some(self._annotation, 4),
        }

    def _annotation(self) -> Annotation:
        key, kind = self._random.choice(ANNOTATION_KEYS), self._random.choice(list(Kind))
        return Annotation(
            key,
            self._random.choice(TEXTS) if kind is Kind.TEXT else None,
            self._random.choice(NUMBERS) if kind is Kind.NUMBER else None,
            self._flag() if kind is Kind.BOOLEAN else None,
            None,
        )

    def _cause(self) -> RootCause:
        return RootCause(self._flag(), self._some(self._cause_service, 2))

    def _cause_service(self) -> CauseService:
        return CauseService(
            self._random.choice(TEXTS[:3]),
            self._maybe(TYPES),
            self._maybe(ACCOUNTS),
            self._flag(),
            self._some(self._entity, 2),
        )

    def _entity(self) -> CauseEntity:
        name = self._random.choice(TEXTS[:3])
        return CauseEntity(name, self._flag(), self._maybe(NUMBERS), self._some(self._exception, 2))

    def _exception(self) -> CauseException:
        return CauseException(self._maybe(TEXTS), self._maybe(TEXTS))

    def _some(self, one: Callable[[], Any], most: int) -> tuple[Any, ...]:
        return tuple(one() for _ in range(self._random.randint(0, most)))

    def _maybe(self, values: tuple[Any, ...]) -> Any:
        return None if self._random.random() < 0.2 else self._random.choice(values)

    def _flag(self, chance: float = 0.5) -> bool:
        return self._random.random() < chance
