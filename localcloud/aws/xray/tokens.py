"""Tokens of our own making: what a client gets and sends back without looking into it."""

import base64
import json
from typing import Any

from localcloud.aws.strict_json import loads
from localcloud.aws.xray.exceptions import InvalidRequestError

TOKEN_MAX_CHARACTERS = 1000


def is_text(text: str) -> bool:
    """Tell whether text is without halves of surrogate pairs, which no store could look for."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_token(operation: str, *parts: str | int) -> str:
    """Return a token of an operation with what the next page begins after."""
    text = json.dumps([operation, *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_token(operation: str, token: str, *types: type) -> list[Any]:
    """Return the parts of a token, of these types.

    Raises:
        InvalidRequestError: the token isn't one that this operation gave.
    """
    try:
        parts = loads(base64.b64decode(token[:TOKEN_MAX_CHARACTERS], altchars=b"-_", validate=True))
    except ValueError as error:
        raise InvalidRequestError("The NextToken is invalid") from error
    if (
        not isinstance(parts, list)
        or [type(part) for part in parts] != [str, *types]
        or parts[0] != operation
        or any(isinstance(part, str) and not is_text(part) for part in parts)
    ):
        raise InvalidRequestError("The NextToken is invalid")
    return parts[1:]
