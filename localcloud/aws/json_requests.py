"""Refuses requests to moto's JSON services that AWS would refuse and moto would stumble over."""

from botocore.exceptions import BotoCoreError
from botocore.model import OperationNotFoundError
from moto.core.utils import get_service_model

from localcloud.aws.refusals import Kind, Refusal
from localcloud.aws.services import ServiceCall, botocore_name
from localcloud.aws.shapes import ShapeChecker
from localcloud.aws.strict_json import loads


def check_json(call: ServiceCall, body: bytes) -> Refusal | None:
    """Refuse a body of the json protocol that isn't an object, lacks a required member or has a wrong type.

    Limits are moto's to check: it has its own messages for those that matter.
    """
    if call.protocol != "json":
        return None
    try:
        document = loads(body or b"{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return Refusal(Kind.SERIALIZATION, "The request body isn't a JSON object")
    try:
        model = get_service_model(botocore_name(call.service))
        shape = model.operation_model(call.operation).input_shape
    except (BotoCoreError, OperationNotFoundError):
        return None
    if shape is None:
        return None
    checker = ShapeChecker(limits=False)
    checker.structure(shape, document)
    kind = Kind.SERIALIZATION if checker.unreadable else Kind.VALIDATION
    return Refusal(kind, checker.message) if checker.message else None
