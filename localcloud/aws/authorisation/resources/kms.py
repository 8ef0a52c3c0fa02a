"""KMS: keys by whichever of their names is given."""

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.kms_keys import aliases_of, find_key_arn
from localcloud.aws.services import ServiceCall

_ALIAS_OPERATIONS = {"CreateAlias", "DeleteAlias", "UpdateAlias"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action with the key's ARN, and for aliases also with the alias's."""
    action = f"kms:{call.operation}"
    needs = []
    alias = text(call.parameters.get("AliasName"))
    key_id = text(call.parameters.get("KeyId")) or text(call.parameters.get("TargetKeyId"))
    if call.operation in _ALIAS_OPERATIONS and alias:
        needs.append(Requirement(action, caller.arn("kms", alias)))
        key_id = key_id or alias
    if key_id:
        needs.append(_key(action, key_id, caller))
    return needs or [Requirement(action, ANY_RESOURCE)]


def _key(action: str, key_id: str, caller: Caller) -> Requirement:
    arn = find_key_arn(caller.account_id, caller.region, caller.partition, key_id)
    if arn is None:
        return Requirement(
            action, key_id if key_id.startswith("arn:") else caller.arn("kms", f"key/{key_id}")
        )
    aliases = aliases_of(caller.account_id, caller.region, arn)
    context = {
        "kms:ResourceAliases": aliases,
        "kms:CallerAccount": [caller.account_id],
        "kms:ViaService": [],
    }
    return Requirement(action, arn, context)
