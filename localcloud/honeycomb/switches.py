"""`/_localcloud/keys` and `/_localcloud/limits`: ours, not Honeycomb's, for tests."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.api.limits import Limits
from localcloud.honeycomb.asgi import Request, Response, json_response
from localcloud.honeycomb.control_documents import document_of
from localcloud.honeycomb.errors import ControlError
from localcloud.honeycomb.key_ring import KeyRing

_KEYS = "/_localcloud/keys"
_LIMITS = "/_localcloud/limits"


class Switches:
    """Answers these requests."""

    def __init__(self, keys: KeyRing, limits: Limits) -> None:
        self._keys = keys
        self._limits = limits

    def handles(self, request: Request) -> bool:
        """Whether the request is one of these."""
        return request.path in (_KEYS, _LIMITS) or request.path.startswith(f"{_KEYS}/")

    def handle(self, request: Request) -> Response:
        """Return the answer to a request that `handles` took."""
        try:
            return json_response(HTTPStatus.OK, self._answer(request))
        except ControlError as error:
            return json_response(error.status, {"error": str(error)})

    def _answer(self, request: Request) -> Mapping[str, Any]:
        match request.method, request.path:
            case "GET", "/_localcloud/keys":
                return {"keys": self._keys.describe()}
            case "POST", "/_localcloud/keys":
                return self._keys.make(document_of(request))
            case "DELETE", path if path.startswith(f"{_KEYS}/"):
                return self._keys.remove(path.removeprefix(f"{_KEYS}/"))
            case ("GET" | "PUT") as method, "/_localcloud/limits":
                if method == "PUT":
                    self._limits.set(document_of(request))
                return self._limits.describe()
        raise ControlError(f"no such control request: {request.method} {request.path}", HTTPStatus.NOT_FOUND)
