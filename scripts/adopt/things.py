"""What was found in AWS and may be taken over, and what is said of what may not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scripts.adopt.hcl import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "group"
RULE = "sampling rule"
ENCRYPTION = "encryption"
PARAMETER = "parameter"
LOG_GROUP = "log group"


@dataclass(frozen=True)
class Address:
    """A resource's address in a unit's state; ``key`` is its index, text of a map's or number of a list's."""

    type: str
    name: str
    key: str | int | None = None

    def __str__(self) -> str:
        if self.key is None:
            return f"{self.type}.{self.name}"
        return f"{self.type}.{self.name}[{quoted(self.key) if isinstance(self.key, str) else self.key}]"


@dataclass(frozen=True)
class Thing:
    """Something that AWS has.

    ``values`` are named as the settings or, of a rule, as a rule's settings. ``own`` is its key in the
    settings ``resource_tags`` and ``resource_descriptions``, None where it has neither.
    """

    kind: str
    unit: str
    name: str
    address: Address
    import_id: str
    own: str | None = None
    arn: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


@dataclass(frozen=True)
class LeftOut:
    """Something that AWS has and that is not taken over, and why.

    ``in_the_way`` where the configuration asks for it or it was named: then not all is as it was to be.
    ``address`` is where the state would have it, None where it has no place there.
    """

    what: str
    why: str
    in_the_way: bool = True
    address: Address | None = None
