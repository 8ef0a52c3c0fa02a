"""Refuses requests to moto's query services that AWS would refuse and moto would stumble over."""

from botocore.exceptions import BotoCoreError
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model

from localcloud.aws.refusals import Kind, Refusal
from localcloud.aws.services import ServiceCall, botocore_name
from localcloud.aws.shapes import ShapeChecker


def check_query(call: ServiceCall) -> Refusal | None:
    """Refuse a form that lacks a required member or has text where the model has a number, time or blob.

    EC2 has its own words for what is missing, which moto knows.
    """
    if call.protocol not in {"query", "ec2"}:
        return None
    try:
        model = get_service_model(botocore_name(call.service, str(call.parameters.get("Version", ""))))
        operation = model.operation_model(call.operation)
    except (BotoCoreError, OperationNotFoundError):
        return None
    try:
        parsed = PROTOCOL_PARSERS[call.protocol](operation).parse({"values": call.parameters})
    except (ValueError, OverflowError):
        return Refusal(Kind.SERIALIZATION, "The request has a parameter of the wrong type")
    if call.protocol == "ec2" or operation.input_shape is None:
        return None
    checker = ShapeChecker(limits=False)
    checker.structure(operation.input_shape, parsed)
    return Refusal(Kind.VALIDATION, checker.message) if checker.message else None
