"""Checks X-Ray's requests by botocore's service model."""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape, StructureShape

from localcloud.aws.shapes import ShapeChecker
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.telemetry import RECORDS_KEPT

_ITEMS_MAX = {"TelemetryRecords": RECORDS_KEPT}
"""Our own bounds, where the model has none; more isn't looked at."""


def validate(shape: Shape | None, value: object) -> dict[str, Any]:
    """Return the request's parameters as the model has them; timestamps become epoch seconds.

    Raises:
        InvalidRequestError: what is wrong, each with its place; or a token is empty, which no page gave.
    """
    if not isinstance(value, Mapping):
        raise InvalidRequestError("The request body must be a JSON object.")
    if shape is None:
        return {}
    members = shape.members if isinstance(shape, StructureShape) else {}
    for name, most in _ITEMS_MAX.items():
        given = value.get(name)
        if name in members and isinstance(given, list) and len(given) > most:
            raise InvalidRequestError(f"{name} has {len(given)} items, {most} are allowed")
    checker = ShapeChecker(limits=True)
    cleaned = checker.structure(shape, value)
    if checker.message is not None:
        raise InvalidRequestError(checker.message)
    if cleaned.get("NextToken") == "":
        raise InvalidRequestError("The NextToken is invalid")
    return cleaned
