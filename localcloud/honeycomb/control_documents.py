"""JSON bodies of control requests."""

import json

from localcloud.honeycomb.asgi import Request
from localcloud.honeycomb.errors import ControlError


def document_of(request: Request) -> object:
    """Return what the body says. Raises ControlError where it is no JSON."""
    try:
        return json.loads(request.body or b"")
    except (ValueError, RecursionError) as error:
        raise ControlError(f"{request.path}: expected a JSON document") from error
