"""KMS: ciphertext that is none."""

import re
from typing import Any

from moto.kms import utils

_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f-]{32}")


def refuse_garbage() -> None:
    """Have what doesn't begin with a key's id refused as no ciphertext: moto takes it for another key's."""
    original = utils._deserialize_ciphertext_blob  # noqa: SLF001 - moto has no other way

    def deserialize(ciphertext_blob: bytes) -> Any:
        ciphertext = original(ciphertext_blob)
        if _KEY_ID.fullmatch(ciphertext.key_id) is None:
            raise ValueError("no key's id")
        return ciphertext

    utils._deserialize_ciphertext_blob = deserialize  # noqa: SLF001
