"""Parameter Store: SecureStrings that aren't decrypted, and keys that don't exist."""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from moto.ssm.exceptions import SSMException
from moto.ssm.models import Parameter, SimpleSystemManagerBackend

from localcloud.aws.accounts import partition_of
from localcloud.aws.kms_keys import find_key_arn

CIPHERTEXT_PREFIX = b"\x01\x02\x02\x00x"
CIPHERTEXT_BYTES = 128
_SECURE = "SecureString"
_cipher_key = secrets.token_bytes(32)


def hide_secure_strings() -> None:
    """Return a SecureString that isn't decrypted as ciphertext: moto's has the plain text in it."""
    original = Parameter.response_object

    def response_object(self: Any, decrypt: bool = False, region: str | None = None) -> dict[str, Any]:
        document: dict[str, Any] = original(self, decrypt, region)
        if self.parameter_type == _SECURE and not decrypt:
            document["Value"] = _ciphertext(self)
        return document

    Parameter.response_object = response_object


def _ciphertext(parameter: Any) -> str:
    """Return a text like KMS's for one version of a parameter; nothing leads from it to the value."""
    identity = f"{parameter.account_id}:{parameter.name}:{parameter.version}:{parameter.value}".encode()
    seed = hmac.digest(_cipher_key, identity, "sha256")
    return base64.b64encode(CIPHERTEXT_PREFIX + hashlib.shake_256(seed).digest(CIPHERTEXT_BYTES)).decode()


def check_parameter_keys() -> None:
    """Refuse a SecureString under a key that doesn't exist: moto takes any."""
    original = SimpleSystemManagerBackend.put_parameter

    def put_parameter(self: Any, *args: Any, **kwargs: Any) -> Any:
        key_id = kwargs.get("keyid", args[5] if len(args) > 5 else None)
        kind = kwargs.get("parameter_type", args[3] if len(args) > 3 else None)
        region = self.region_name
        if (
            key_id
            and kind == _SECURE
            and not find_key_arn(self.account_id, region, partition_of(region), key_id)
        ):
            raise SSMException("InvalidKeyId", f"Key '{key_id}' does not exist")
        return original(self, *args, **kwargs)

    SimpleSystemManagerBackend.put_parameter = put_parameter
