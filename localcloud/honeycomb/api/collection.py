"""Objects that were made through the API: in memory, and bounded."""

import json
from collections.abc import Iterator
from typing import Any

from localcloud.honeycomb.api import problems

Document = dict[str, Any]

ITEMS_MAX = 1_000
BYTES_MAX = 16 * 1024 * 1024


class Collection:
    """The objects of one kind, each of a dataset (or of none: an empty slug), by id, in order of making.

    When full it refuses more, or, where `drops_oldest`, forgets the oldest. `bytes_max` bounds the objects as
    JSON.
    """

    def __init__(
        self,
        what: str,
        *,
        items_max: int = ITEMS_MAX,
        bytes_max: int = BYTES_MAX,
        drops_oldest: bool = False,
    ) -> None:
        self._what = what
        self._items_max = items_max
        self._bytes_max = bytes_max
        self._drops_oldest = drops_oldest
        self._items: dict[tuple[str, str], tuple[Document, int]] = {}
        self._bytes = 0

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        """Yield the slug and the object of each."""
        # A copy, since queries are run in threads.
        for (slug, _), (document, _) in list(self._items.items()):
            yield slug, document

    def of(self, slug: str) -> list[Document]:
        """Return the objects of this dataset."""
        return [document for its_slug, document in self if its_slug == slug]

    def find(self, slug: str, item_id: str) -> Document | None:
        """Return the object with this id."""
        found = self._items.get((slug, item_id))
        return found[0] if found else None

    def get(self, slug: str, item_id: str) -> Document:
        """Return the object with this id; raise ApiError (404) where there is none."""
        found = self.find(slug, item_id)
        if found is None:
            raise problems.not_found(self._what)
        return found

    def put(self, slug: str, document: Document) -> Document:
        """Keep an object by its `id`, in place of the one that has it; return it.

        Raises:
            ApiError: 409, there are too many.
        """
        size = len(json.dumps(document))
        key = (slug, document["id"])
        old_size = self._items[key][1] if key in self._items else 0
        too_many = len(self._items) + (not old_size) > self._items_max
        if not self._drops_oldest and (too_many or self._bytes + size - old_size > self._bytes_max):
            raise problems.conflict(
                f"environment has reached the maximum number of objects allowed ({self._what.lower()})"
            )
        self._items[key] = (document, size)
        self._bytes += size - old_size
        while len(self._items) > self._items_max or self._bytes > self._bytes_max:
            self._forget(next(iter(self._items)))
        return document

    def remove(self, slug: str, item_id: str) -> Document:
        """Forget the object with this id, and return it; raise ApiError (404) where there is none."""
        document = self.get(slug, item_id)
        self._forget((slug, item_id))
        return document

    def remove_all(self, slug: str) -> None:
        """Forget the objects of this dataset."""
        for key in [key for key in self._items if key[0] == slug]:
            self._forget(key)

    def _forget(self, key: tuple[str, str]) -> None:
        self._bytes -= self._items.pop(key)[1]
