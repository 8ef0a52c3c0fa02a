"""Refuses requests to S3 that AWS would refuse and moto would stumble over."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

from botocore.model import OperationNotFoundError
from moto.core.utils import get_service_model

from localcloud.aws.refusals import Kind, Refusal
from localcloud.aws.services import ServiceCall

INTEGER_DIGITS_MAX = 10
_MALFORMED = Refusal(
    Kind.SERIALIZATION,
    "The XML you provided was not well-formed or did not validate against our published schema",
)


def check_s3(call: ServiceCall, query: Mapping[str, Sequence[str]], body: bytes) -> Refusal | None:
    """Refuse a number in the query that is none, and XML that is broken, missing or incomplete."""
    if call.service != "s3" or not call.operation:
        return None
    try:
        shape = get_service_model("s3").operation_model(call.operation).input_shape
    except OperationNotFoundError:
        return None
    if shape is None:
        return None
    return _query_refusal(shape, query) or _body_refusal(shape, body)


def _query_refusal(shape: Any, query: Mapping[str, Sequence[str]]) -> Refusal | None:
    for member in shape.members.values():
        if member.type_name != "integer" or member.serialization.get("location") != "querystring":
            continue
        name = member.serialization["name"]
        text = query.get(name, ["0"])[0]
        if not (text.isascii() and text.isdigit() and len(text) <= INTEGER_DIGITS_MAX):
            return Refusal(Kind.VALIDATION, f"Provided {name} not an integer or within integer range")
    return None


def _body_refusal(shape: Any, body: bytes) -> Refusal | None:
    payload = shape.serialization.get("payload")
    if payload is None or shape.members[payload].type_name != "structure":
        return None
    if not body:
        return _MALFORMED if payload in shape.required_members else None
    root = _parse(body)
    expected = shape.members[payload].serialization.get("name", payload)
    if root is None or root.tag != expected or not _is_complete(shape.members[payload], root):
        return _MALFORMED
    return None


def _parse(body: bytes) -> Element | None:
    """Return the root, its names as they are written; None for what isn't XML, or has a DTD."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = _refuse_dtd
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ParseError, LookupError, ValueError):
        return None
    root: Element = builder.close()
    return root


def _refuse_dtd(*_: object) -> None:
    raise ParseError("a DTD")


def _is_complete(shape: Any, element: Element) -> bool:
    """Tell whether the element has all required members, and so on inwards."""
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute"):
            continue
        children = element.findall(member.serialization.get("name", name))
        if not children:
            if name in shape.required_members:
                return False
        elif not all(_is_complete(inner, child) for inner, child in _structures(member, children)):
            return False
    return True


def _structures(member: Any, children: list[Element]) -> list[tuple[Any, Element]]:
    """Return the structures that a member's elements hold, each with its shape."""
    if member.type_name == "structure":
        return [(member, child) for child in children]
    if member.type_name != "list" or member.member.type_name != "structure":
        return []
    if not member.serialization.get("flattened"):
        name = member.member.serialization.get("name", "member")
        children = [item for child in children for item in child.findall(name)]
    return [(member.member, child) for child in children]
