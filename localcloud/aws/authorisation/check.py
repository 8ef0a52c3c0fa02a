"""The order of the checks: token, key, then what the policies say of each action that the call needs."""

from localcloud.aws.accounts import BOOTSTRAP_ACCESS_KEY, partition_of
from localcloud.aws.authorisation.context import request_context
from localcloud.aws.authorisation.identities import (
    ExpiredSessionError,
    Identity,
    UnknownKeyError,
    find_identity,
)
from localcloud.aws.authorisation.needs import Caller, Requirement
from localcloud.aws.authorisation.policies import Verdict, evaluate
from localcloud.aws.authorisation.requirements import requirements
from localcloud.aws.authorisation.trust import trusted_by_name, trusts
from localcloud.aws.refusals import Kind, Refusal
from localcloud.aws.services import ServiceCall
from localcloud.aws.signature import CredentialScope

EXPIRED_TOKEN = "localcloud-expired-token"  # noqa: S105 - reserved, so that it opens nothing
ALWAYS_ALLOWED = {("sts", "GetCallerIdentity")}
UNSIGNED_OPERATIONS = {("", "AssumeRoleWithWebIdentity"), ("", "AssumeRoleWithSAML")}
_ASSUME_ROLE = "sts:AssumeRole"
_EXPIRED = Refusal(Kind.EXPIRED_TOKEN, "The security token included in the request is expired")


def check_token(scope: CredentialScope | None) -> Refusal | None:
    """Refuse the reserved session token that stands for expired credentials."""
    return _EXPIRED if scope is not None and scope.session_token == EXPIRED_TOKEN else None


def check_call(scope: CredentialScope | None, call: ServiceCall) -> Refusal | None:
    """Refuse what the caller's policies don't allow."""
    if scope is None:
        if (call.service, call.operation) in UNSIGNED_OPERATIONS:
            return None
        return Refusal(Kind.UNSIGNED, "Missing Authentication Token")
    if scope.access_key == BOOTSTRAP_ACCESS_KEY:
        return None
    partition = partition_of(scope.region)
    try:
        identity = find_identity(scope.access_key, scope.session_token, partition)
    except UnknownKeyError:
        return Refusal(Kind.UNKNOWN_KEY, "The security token included in the request is invalid.")
    except ExpiredSessionError:
        return _EXPIRED
    if (call.service, call.operation) in ALWAYS_ALLOWED:
        return None
    caller = Caller(partition, scope.region, identity.account_id)
    for requirement in requirements(call, caller):
        refusal = _refusal(identity, requirement, scope)
        if refusal is not None:
            return refusal
    return None


def _refusal(identity: Identity, need: Requirement, scope: CredentialScope) -> Refusal | None:
    context = request_context(identity, scope, need)
    verdict = evaluate(identity.statements, need.action, need.resource, context)
    if verdict is Verdict.SILENT and need.by_resource:
        verdict = Verdict.ALLOWED
    if need.action == _ASSUME_ROLE:
        if verdict is Verdict.SILENT and trusted_by_name(identity, need.resource):
            verdict = Verdict.ALLOWED
        if not trusts(identity, need.resource, context):
            verdict = Verdict.SILENT if verdict is Verdict.ALLOWED else verdict
    for kind, statements in (
        ("permissions boundary", identity.boundary),
        ("session policy", identity.session_policy),
    ):
        if verdict is Verdict.ALLOWED and statements is not None:
            limited = evaluate(statements, need.action, need.resource, context)
            if limited is not Verdict.ALLOWED:
                return _denied(identity, need, limited, kind)
    return None if verdict is Verdict.ALLOWED else _denied(identity, need, verdict, "identity-based policy")


def _denied(identity: Identity, need: Requirement, verdict: Verdict, kind: str) -> Refusal:
    article = "an" if kind.startswith("identity") else "a"
    reason = (
        f"with an explicit deny in {article} {kind}"
        if verdict is Verdict.DENIED
        else f"because no {kind} allows the {need.action} action"
    )
    return Refusal(
        Kind.ACCESS_DENIED,
        f"User: {identity.arn} is not authorized to perform: {need.action}"
        f" on resource: {need.resource} {reason}",
    )
