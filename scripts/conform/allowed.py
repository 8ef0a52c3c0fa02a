"""Keeps of an answer what a shape names, and of an account's things only those that are the run's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_CHARACTERS = 500


class Leaf(Enum):
    """What becomes of a single value: kept, named by its type alone, or kept as an id of the service's."""

    VALUE = "value"
    KIND = "kind"
    ID = "id"


@dataclass(frozen=True)
class Own:
    """A list of an account's things: the run's own are kept, the others counted."""

    shape: Shape


@dataclass(frozen=True)
class Mine:
    """One thing of an account's: kept where it is the run's own, else named by its type."""

    shape: Shape


@dataclass(frozen=True)
class Each:
    """A list of which every item is kept, within what is the run's own."""

    shape: Shape


@dataclass(frozen=True)
class Named:
    """A mapping of which every name is kept, within what is the run's own."""

    shape: Shape


@dataclass(frozen=True)
class Document:
    """A text that is JSON of this shape."""

    shape: Shape


Shape = Leaf | Own | Mine | Each | Named | Document | dict[str, Any]


@dataclass(frozen=True)
class Owned:
    """The texts that only the run's own things hold: its id and the ids of its traces."""

    run_id: str
    texts: set[str] = field(default_factory=set)
    whole: bool = False

    def holds(self, item: Any) -> bool:
        """Tell whether *item* is the run's own."""
        if self.whole:
            return True
        text = json.dumps(item, default=str)
        return self.run_id in text or any(one in text for one in self.texts)

    def asked_by(self, call: str) -> Owned:
        """Return what is own in the answer to *call*: all of it where its path names the run."""
        return replace(self, whole=self.run_id in call)


def keep(value: Any, shape: Shape, owned: Owned, learn: Callable[[str], None]) -> Any:
    """Return what *shape* allows to keep of *value*; what it does not name is left out without its name.

    *learn* is told each id that the service gave. A value of another form than the shape's is named by its
    type alone.
    """
    if isinstance(shape, Leaf):
        return _leaf(value, shape, learn)
    if isinstance(shape, dict) and isinstance(value, dict):
        return {name: keep(value[name], one, owned, learn) for name, one in shape.items() if name in value}
    if isinstance(shape, Own) and isinstance(value, list):
        mine = [keep(one, shape.shape, owned, learn) for one in value if owned.holds(one)]
        return {"own": mine, "others": len(value) - len(mine)}
    if isinstance(shape, Mine) and owned.holds(value):
        return keep(value, shape.shape, owned, learn)
    if isinstance(shape, Each) and isinstance(value, list):
        return [keep(one, shape.shape, owned, learn) for one in value]
    if isinstance(shape, Named) and isinstance(value, dict):
        return {str(name): keep(one, shape.shape, owned, learn) for name, one in value.items()}
    if isinstance(shape, Document) and isinstance(value, str):
        try:
            return keep(json.loads(value), shape.shape, owned, learn)
        except ValueError:
            return _kind(value)
    return _kind(value)


def _leaf(value: Any, shape: Leaf, learn: Callable[[str], None]) -> Any:
    if shape is Leaf.KIND or isinstance(value, dict | list | tuple | bytes):
        return _kind(value)
    if shape is Leaf.ID:
        learn(str(value))
        return str(value)
    return value[:TEXT_CHARACTERS] if isinstance(value, str) else value


def _kind(value: Any) -> Any:
    if isinstance(value, datetime):
        return "(time)"
    kinds = {dict: "object", list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return None if value is None else f"({kinds.get(type(value), 'other')})"
