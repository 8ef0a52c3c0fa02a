"""Errors of the front's own, each as the service's protocol has it.

Source: the protocols of botocore's service models, and "Common errors" of the services' API references.
"""

import json
import uuid
from dataclasses import dataclass
from enum import Enum, auto
from xml.sax.saxutils import escape

from localcloud.aws.asgi import Response
from localcloud.aws.services import ServiceCall


class Kind(Enum):
    """What can be wrong."""

    ACCESS_DENIED = auto()
    EXPIRED_TOKEN = auto()
    UNKNOWN_KEY = auto()
    UNSIGNED = auto()
    MALFORMED_SIGNATURE = auto()
    UNKNOWN_REGION = auto()
    TOO_LARGE = auto()
    SERIALIZATION = auto()
    VALIDATION = auto()
    UNKNOWN_OPERATION = auto()
    NOT_IMPLEMENTED = auto()
    INTERNAL = auto()


_ANSWERS: dict[Kind, dict[str, tuple[str, int]]] = {
    Kind.ACCESS_DENIED: {
        "json": ("AccessDeniedException", 400),
        "rest-json": ("AccessDeniedException", 403),
        "query": ("AccessDenied", 403),
        "ec2": ("UnauthorizedOperation", 403),
        "s3": ("AccessDenied", 403),
    },
    Kind.EXPIRED_TOKEN: {
        "json": ("ExpiredTokenException", 400),
        "rest-json": ("ExpiredTokenException", 403),
        "query": ("ExpiredToken", 403),
        "ec2": ("RequestExpired", 400),
        "s3": ("ExpiredToken", 400),
    },
    Kind.UNKNOWN_KEY: {
        "json": ("UnrecognizedClientException", 400),
        "rest-json": ("UnrecognizedClientException", 403),
        "query": ("InvalidClientTokenId", 403),
        "ec2": ("AuthFailure", 401),
        "s3": ("InvalidAccessKeyId", 403),
    },
    Kind.UNSIGNED: {
        "json": ("MissingAuthenticationTokenException", 400),
        "rest-json": ("MissingAuthenticationTokenException", 403),
        "query": ("MissingAuthenticationToken", 403),
        "ec2": ("MissingAuthenticationToken", 403),
        "s3": ("AccessDenied", 403),
    },
    Kind.MALFORMED_SIGNATURE: {
        "json": ("IncompleteSignatureException", 400),
        "rest-json": ("IncompleteSignatureException", 400),
        "query": ("IncompleteSignature", 400),
        "ec2": ("IncompleteSignature", 400),
        "s3": ("AuthorizationHeaderMalformed", 400),
    },
    Kind.UNKNOWN_REGION: {
        "json": ("InvalidSignatureException", 400),
        "rest-json": ("InvalidSignatureException", 403),
        "query": ("SignatureDoesNotMatch", 403),
        "ec2": ("AuthFailure", 401),
        "s3": ("AuthorizationHeaderMalformed", 400),
    },
    Kind.TOO_LARGE: {
        "json": ("RequestEntityTooLargeException", 413),
        "rest-json": ("RequestEntityTooLargeException", 413),
        "query": ("RequestEntityTooLarge", 413),
        "ec2": ("RequestEntityTooLarge", 413),
        "s3": ("EntityTooLarge", 400),
    },
    Kind.SERIALIZATION: {
        "json": ("SerializationException", 400),
        "rest-json": ("SerializationException", 400),
        "query": ("MalformedInput", 400),
        "ec2": ("MalformedInput", 400),
        "s3": ("MalformedXML", 400),
    },
    Kind.VALIDATION: {
        "json": ("ValidationException", 400),
        "rest-json": ("ValidationException", 400),
        "query": ("ValidationError", 400),
        "ec2": ("InvalidParameterValue", 400),
        "s3": ("InvalidArgument", 400),
    },
    Kind.UNKNOWN_OPERATION: {
        "json": ("UnknownOperationException", 400),
        "rest-json": ("UnknownOperationException", 404),
        "query": ("InvalidAction", 400),
        "ec2": ("InvalidAction", 400),
        "s3": ("MethodNotAllowed", 405),
    },
    Kind.NOT_IMPLEMENTED: {
        "json": ("NotImplementedException", 501),
        "rest-json": ("NotImplementedException", 501),
        "query": ("NotImplemented", 501),
        "ec2": ("NotImplemented", 501),
        "s3": ("NotImplemented", 501),
    },
    Kind.INTERNAL: {
        "json": ("InternalFailure", 500),
        "rest-json": ("InternalFailure", 500),
        "query": ("InternalFailure", 500),
        "ec2": ("InternalError", 500),
        "s3": ("InternalError", 500),
    },
}
"""The error's code and status by family of protocols."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer instead of the service's."""

    kind: Kind
    message: str


def refuse(call: ServiceCall, refusal: Refusal) -> Response:
    """Return the refusal as the service of `call` would answer it."""
    code, status = _ANSWERS[refusal.kind][_family(call)]
    request_id = str(uuid.uuid4())
    if call.protocol in {"json", "rest-json"}:
        content_type = f"application/x-amz-json-{call.json_version}"
        if call.protocol == "rest-json":
            content_type = "application/json"
        body = json.dumps({"__type": code, "message": refusal.message}).encode()
    elif call.protocol == "smithy-rpc-v2-cbor":
        content_type = "application/cbor"
        body = b"\xa2" + b"".join(map(_cbor_text, ("__type", code, "message", refusal.message)))
    else:
        content_type = "text/xml"
        body = _xml(call, code, refusal.message, request_id).encode()
    headers = [("content-type", content_type), ("x-amzn-requestid", request_id), ("x-amzn-errortype", code)]
    if call.protocol == "smithy-rpc-v2-cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    return Response(status, body, headers)


def _family(call: ServiceCall) -> str:
    if call.service == "s3":
        return "s3"
    if call.protocol == "smithy-rpc-v2-cbor":
        return "json"
    return "query" if call.protocol == "rest-xml" else call.protocol


def _xml(call: ServiceCall, code: str, message: str, request_id: str) -> str:
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if call.protocol == "ec2":
        return (
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    if call.service == "s3":
        return f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
    return (
        f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _cbor_text(text: str) -> bytes:
    """Return a CBOR text string (RFC 8949, major type 3)."""
    data = text.encode()
    if len(data) < 24:
        return bytes([0x60 + len(data)]) + data
    return b"\x79" + min(len(data), 0xFFFF).to_bytes(2, "big") + data[:0xFFFF]
