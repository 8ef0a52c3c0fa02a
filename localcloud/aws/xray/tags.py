"""Tags of groups and sampling rules (source: the X-Ray API, TagResource)."""

from collections.abc import Callable, Iterable

from localcloud.aws.xray.exceptions import InvalidRequestError, ResourceNotFoundError, TooManyTagsError

TAGS_MAX = 50
RESERVED_PREFIX = "aws:"


def read_tags(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return the API's list of tags by key.

    Raises:
        InvalidRequestError: a key comes twice or is reserved for AWS.
    """
    by_key: dict[str, str] = {}
    for tag in tags:
        key = tag["Key"]
        if key in by_key:
            raise InvalidRequestError(f"Duplicate tag key: {key}")
        if key.lower().startswith(RESERVED_PREFIX):
            raise InvalidRequestError(f"Tag keys can't start with {RESERVED_PREFIX}: {key}")
        by_key[key] = tag["Value"]
    return by_key


class Tags:
    """The tags of one account and region. `exists` tells whether an ARN is one of its resources."""

    def __init__(self, exists: Callable[[str], bool]) -> None:
        self._exists = exists
        self._by_arn: dict[str, dict[str, str]] = {}

    def of(self, arn: str) -> dict[str, str]:
        """Return a resource's tags.

        Raises:
            ResourceNotFoundError: there is no such resource.
        """
        self._require(arn)
        return self._by_arn.get(arn, {})

    def check_new(self, tags: dict[str, str]) -> None:
        """Refuse more tags than a new resource may have.

        Raises:
            InvalidRequestError: there are too many.
        """
        if len(tags) > TAGS_MAX:
            raise InvalidRequestError(f"A resource can have at most {TAGS_MAX} tags")

    def add(self, arn: str, tags: dict[str, str]) -> None:
        """Add tags to a resource; a key that it has gets the new value.

        Raises:
            ResourceNotFoundError: there is no such resource.
            TooManyTagsError: it would have too many.
        """
        merged = {**self.of(arn), **tags}
        if len(merged) > TAGS_MAX:
            raise TooManyTagsError(f"A resource can have at most {TAGS_MAX} tags", ResourceName=arn)
        self._by_arn[arn] = merged

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; keys that the resource doesn't have are fine.

        Raises:
            ResourceNotFoundError: there is no such resource.
        """
        gone = set(keys)
        self._by_arn[arn] = {key: value for key, value in self.of(arn).items() if key not in gone}

    def forget(self, arn: str) -> None:
        """Forget a resource that was deleted."""
        self._by_arn.pop(arn, None)

    def _require(self, arn: str) -> None:
        if not self._exists(arn):
            raise ResourceNotFoundError(f"Resource not found: {arn}", ResourceName=arn)
