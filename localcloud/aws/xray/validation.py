"""Checks X-Ray's requests by botocore's service model."""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from localcloud.aws.shapes import ShapeChecker
from localcloud.aws.xray.exceptions import InvalidRequestError


def validate(shape: Shape | None, value: object) -> dict[str, Any]:
    """Return the request's parameters as the model has them; timestamps become epoch seconds.

    Raises:
        InvalidRequestError: what is wrong, each with its place.
    """
    if not isinstance(value, Mapping):
        raise InvalidRequestError("The request body must be a JSON object.")
    if shape is None:
        return {}
    checker = ShapeChecker(limits=True)
    cleaned = checker.structure(shape, value)
    if checker.message is not None:
        raise InvalidRequestError(checker.message)
    return cleaned
