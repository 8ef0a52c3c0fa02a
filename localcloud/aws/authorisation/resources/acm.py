"""Certificate Manager: certificates, which policies know by their tags, as AWS makes up their ids.

Source: "Actions, resources, and condition keys for AWS Certificate Manager".
"""

from moto.acm.models import acm_backends

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.authorisation.resources.tags import tagged
from localcloud.aws.services import ServiceCall

_REQUEST, _TAG = "RequestCertificate", "acm:AddTagsToCertificate"


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on the certificate; asking for one with tags also needs acm:AddTagsToCertificate."""
    arn = text(call.parameters.get("CertificateArn")) or ANY_RESOURCE
    given = _given(call)
    actions = [f"acm:{call.operation}"]
    if call.operation == _REQUEST and given:
        actions.append(_TAG)
    return [tagged(Requirement(action, arn), given, _own(arn, caller)) for action in actions]


def _given(call: ServiceCall) -> dict[str, str]:
    tags = call.parameters.get("Tags")
    found = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return {text(tag.get("Key")): text(tag.get("Value")) for tag in found}


def _own(arn: str, caller: Caller) -> dict[str, str]:
    try:
        certificates = acm_backends[caller.account_id][caller.region]._certificates  # noqa: SLF001 - no other way
    except KeyError:
        return {}
    certificate = certificates.get(arn)
    return {} if certificate is None else {key: str(value or "") for key, value in certificate.tags.items()}
