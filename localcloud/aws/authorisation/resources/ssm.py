"""Parameter Store.

Source: "Restricting access to Parameter Store parameters using IAM policies", Systems Manager user guide.
"""

from collections.abc import Iterator

from moto.ssm.models import ssm_backends

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text, texts
from localcloud.aws.kms_keys import aliases_of, find_key_arn
from localcloud.aws.services import ServiceCall

DEFAULT_KEY = "alias/aws/ssm"
_SECURE = "SecureString"
_ONE_NAME = {
    "DeleteParameter",
    "GetParameter",
    "GetParameterHistory",
    "LabelParameterVersion",
    "PutParameter",
    "UnlabelParameterVersion",
}
_NAMES = {"DeleteParameters", "GetParameters"}
_TAGS = {"AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the SSM actions and, for SecureStrings in plain text, KMS's.

    A path's own ARN is what GetParametersByPath is asked for, not the parameters' below it.
    """
    needs = [Requirement(f"ssm:{call.operation}", arn, _context(call)) for arn in _arns(call, caller)]
    if call.parameters.get("WithDecryption") is True:
        needs += _decrypt(call, caller)
    if call.operation == "PutParameter" and call.parameters.get("Type") == _SECURE:
        key_id = text(call.parameters.get("KeyId"))
        if key_id and key_id != DEFAULT_KEY:
            needs.append(_kms("kms:Encrypt", key_id, _parameter_arn(_name(call), caller), caller))
    return needs


def _arns(call: ServiceCall, caller: Caller) -> list[str]:
    if call.operation in _ONE_NAME:
        return [_parameter_arn(_name(call), caller)]
    if call.operation in _NAMES:
        names = texts(call.parameters.get("Names"))
        return [_parameter_arn(name, caller) for name in names] or [ANY_RESOURCE]
    if call.operation == "GetParametersByPath":
        return [_parameter_arn(text(call.parameters.get("Path")), caller)]
    if call.operation in _TAGS and call.parameters.get("ResourceType") == "Parameter":
        return [_parameter_arn(text(call.parameters.get("ResourceId")), caller)]
    if call.operation == "DescribeParameters":
        return [caller.arn("ssm", "*")]
    return [ANY_RESOURCE]


def _context(call: ServiceCall) -> dict[str, list[str]]:
    overwrite = str(call.parameters.get("Overwrite") is True).lower()
    recursive = str(call.parameters.get("Recursive") is True).lower()
    return {
        "ssm:Overwrite": [overwrite] if call.operation == "PutParameter" else [],
        "ssm:Recursive": [recursive] if call.operation == "GetParametersByPath" else [],
    }


def _decrypt(call: ServiceCall, caller: Caller) -> Iterator[Requirement]:
    """Yield kms:Decrypt for each SecureString that the call would return in plain text."""
    stored = ssm_backends[caller.account_id][caller.region]._parameters  # noqa: SLF001 - moto has no other way
    for name, versions in list(stored.items()):
        if not versions or versions[-1].parameter_type != _SECURE or not _returns(call, name):
            continue
        key_id = versions[-1].keyid or DEFAULT_KEY
        yield _kms("kms:Decrypt", key_id, _parameter_arn(name, caller), caller)


def _returns(call: ServiceCall, name: str) -> bool:
    if call.operation == "GetParametersByPath":
        path = text(call.parameters.get("Path")).rstrip("/") + "/"
        below = name.removeprefix(path)
        recursive = call.parameters.get("Recursive") is True
        return name.startswith(path) and (recursive or "/" not in below)
    asked = texts(call.parameters.get("Names")) or [_name(call)]
    return any(_plain_name(one).lstrip("/") == name.lstrip("/") for one in asked)


def _kms(action: str, key_id: str, parameter_arn: str, caller: Caller) -> Requirement:
    """Return what is needed of a key.

    The policy of aws/ssm allows its use through Parameter Store to everybody in the account who may use that
    (source: "AWS managed keys", KMS developer guide).
    """
    key_arn = find_key_arn(caller.account_id, caller.region, caller.partition, key_id)
    if key_arn is None:
        return Requirement(action, caller.arn("kms", f"key/{key_id}"))
    aliases = aliases_of(caller.account_id, caller.region, key_arn)
    return Requirement(
        action,
        key_arn,
        {
            "kms:ViaService": [f"ssm.{caller.region}.amazonaws.com"],
            "kms:CallerAccount": [caller.account_id],
            "kms:ResourceAliases": aliases,
            "kms:EncryptionContext:PARAMETER_ARN": [parameter_arn],
            "kms:EncryptionContextKeys": ["PARAMETER_ARN"],
        },
        by_resource=DEFAULT_KEY in aliases,
    )


def _name(call: ServiceCall) -> str:
    return text(call.parameters.get("Name"))


def _plain_name(name: str) -> str:
    """Return a parameter's name without its ARN's beginning and without version or label."""
    if name.startswith("arn:"):
        return name.split(":", 5)[-1].removeprefix("parameter").split(":")[0]
    return name.split(":")[0]


def _parameter_arn(name: str, caller: Caller) -> str:
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:6])
    return caller.arn("ssm", f"parameter/{_plain_name(name).removeprefix('/')}")
