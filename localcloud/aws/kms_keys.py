"""KMS keys by any of their names, as moto keeps them."""

from moto.kms.models import kms_backends
from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS


def find_key_arn(account_id: str, region: str, partition: str, key_id: str) -> str | None:
    """Return the ARN of the key that an id, ARN, alias or alias ARN names; None where there is none.

    The keys that AWS manages (alias/aws/...) always exist.
    """
    backend = kms_backends[account_id][region]
    alias = key_id.rpartition(":")[2]
    managed = RESERVED_ALIASE_TARGET_KEY_IDS.get(alias)
    if managed is not None:
        return f"arn:{partition}:kms:{region}:{account_id}:key/{managed}"
    name = alias.removeprefix("key/")
    for key in list(backend.keys.values()):
        if name == key.id or alias in key.aliases:
            return str(key.arn)
    return None


def aliases_of(account_id: str, region: str, key_arn: str) -> list[str]:
    """Return the aliases of a key."""
    key_id = key_arn.rpartition("/")[2]
    key = kms_backends[account_id][region].keys.get(key_id)
    managed = [alias for alias, target in RESERVED_ALIASE_TARGET_KEY_IDS.items() if target == key_id]
    return [*managed, *(key.aliases if key is not None else ())]
