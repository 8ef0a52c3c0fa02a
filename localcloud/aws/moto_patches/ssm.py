"""Parameter Store: SecureStrings that aren't decrypted, keys that don't exist, tokens that aren't ours."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Any

from moto.ssm.exceptions import SSMException
from moto.ssm.models import Parameter, SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from localcloud.aws.accounts import partition_of
from localcloud.aws.kms_keys import find_key_arn

CIPHERTEXT_PREFIX = b"\x01\x02\x02\x00x"
CIPHERTEXT_BYTES = 128
_TOKEN = re.compile(r"[0-9]{1,9}")
_IN_PAGES = ("describe_parameters", "get_parameter_history", "get_parameters_by_path", "list_documents")
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


def check_tokens() -> None:
    """Refuse a NextToken that no answer had: moto fails on what isn't a number."""
    for name in _IN_PAGES:
        original = getattr(SimpleSystemManagerResponse, name)
        setattr(SimpleSystemManagerResponse, name, _with_token_checked(original))


def _with_token_checked(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(self: Any) -> Any:
        token = self._get_param("NextToken")
        if token is not None and _TOKEN.fullmatch(token) is None:
            raise SSMException("InvalidNextToken", "The specified token isn't valid.")
        return original(self)

    return checked
