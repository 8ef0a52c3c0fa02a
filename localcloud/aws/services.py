"""Services by the name they are signed for: the model, the protocol, the operation that a request asks for.

botocore's name of a service differs from its signing name for a few; some share one signing name and are
told apart by the API version in the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import BotoCoreError
from botocore.model import OperationNotFoundError
from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from localcloud.aws.strict_json import loads

_BOTOCORE_NAMES = {
    "monitoring": "cloudwatch",
    "email": "sesv2",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
    "airflow": "mwaa",
    "execute-api": "apigatewaymanagementapi",
    "mobiletargeting": "pinpoint",
}
_BY_API_VERSION = {
    ("elasticloadbalancing", "2012-06-01"): "elb",
    ("elasticloadbalancing", "2015-12-01"): "elbv2",
    ("email", "2010-12-01"): "ses",
}


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """What a request asks a service for. `operation` is empty where it can't be told.

    `protocol` is botocore's name of it: json, rest-json, query, ec2, rest-xml or smithy-rpc-v2-cbor.
    """

    service: str
    operation: str
    protocol: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    json_version: str = "1.1"


def identify(service: str, environ: Mapping[str, Any], body: bytes) -> ServiceCall:
    """Return what a request asks for; `service` is the signing name, `body` the body or its beginning."""
    content_type = environ.get("CONTENT_TYPE", "")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        operation = str(environ.get("PATH_INFO", "")).rpartition("/")[2]
        return ServiceCall(service, operation, "smithy-rpc-v2-cbor")
    if target:
        version = "1.0" if "x-amz-json-1.0" in content_type else "1.1"
        return ServiceCall(service, target.rpartition(".")[2], "json", _json(body), version)
    form = _form(environ, body)
    if "Action" in form:
        protocol = "ec2" if service == "ec2" else "query"
        return ServiceCall(service, form["Action"], protocol, form)
    return _rest_call(service, environ, body)


def botocore_name(service: str, api_version: str = "") -> str:
    """Return botocore's name of the service that is signed as `service`."""
    return _BY_API_VERSION.get((service, api_version)) or _BOTOCORE_NAMES.get(service, service)


@cache
def protocol_of(name: str) -> str:
    """Return the protocol of a service by botocore's name; query for one that it doesn't know."""
    try:
        return str(get_service_model(name).protocol)
    except BotoCoreError:
        return "query"


def _rest_call(service: str, environ: Mapping[str, Any], body: bytes) -> ServiceCall:
    name = botocore_name(service)
    protocol = protocol_of(name)
    if not protocol.startswith("rest-"):
        return ServiceCall(service, "", protocol)
    try:
        operation, labels = get_service_router(name).match(MotoRequest(dict(environ)))
    except (HTTPException, OperationNotFoundError, NotImplementedError, ValueError):
        return ServiceCall(service, "", protocol)
    parameters = {**(_json(body) if protocol == "rest-json" else {}), **labels}
    return ServiceCall(service, str(operation.name), protocol, parameters)


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _form(environ: Mapping[str, Any], body: bytes) -> dict[str, str]:
    """Return the query and, for a form, the body as parameters; of each the first value."""
    texts = [environ.get("QUERY_STRING", "")]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        texts.insert(0, body.decode("utf-8", "replace"))
    found: dict[str, str] = {}
    for text in texts:
        try:
            pairs = parse_qs(text, keep_blank_values=True)
        except ValueError:
            continue
        for key, values in pairs.items():
            found.setdefault(key, values[0])
    return found
