"""The encryption setting of an account and region (source: the X-Ray API, PutEncryptionConfig)."""

from collections.abc import Callable

from localcloud.aws.xray.exceptions import InvalidRequestError

UPDATE_SECONDS = 1.0


class EncryptionConfig:
    """NONE, or KMS with a key. A change is UPDATING for a moment, then ACTIVE.

    `find_key` returns the ARN of the KMS key that an id, ARN or alias names, or None.
    """

    def __init__(self, clock: Callable[[], float], find_key: Callable[[str], str | None]) -> None:
        self._clock = clock
        self._find_key = find_key
        self._type = "NONE"
        self._key_arn: str | None = None
        self._active_at = 0.0

    def put(self, encryption_type: str, key_id: str | None) -> None:
        """Change the setting.

        Raises:
            InvalidRequestError: a key is missing, superfluous, or doesn't exist.
        """
        key_arn = None
        if encryption_type == "KMS":
            if key_id is None:
                raise InvalidRequestError("KeyId is required when Type is KMS")
            key_arn = self._find_key(key_id)
            if key_arn is None:
                raise InvalidRequestError(f"The KMS key does not exist or can't be used: {key_id}")
        elif key_id is not None:
            raise InvalidRequestError("KeyId must not be given when Type is NONE")
        self._type, self._key_arn = encryption_type, key_arn
        self._active_at = self._clock() + UPDATE_SECONDS

    def to_api(self) -> dict[str, str]:
        """Return the API's `EncryptionConfig` as it is now."""
        status = "ACTIVE" if self._clock() >= self._active_at else "UPDATING"
        document = {"Status": status, "Type": self._type}
        if self._key_arn is not None:
            document["KeyId"] = self._key_arn
        return document
