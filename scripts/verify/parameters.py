"""The parameters: they exist, with their type and value; the key encrypted, not empty, taken by Honeycomb."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import requests

from scripts import bounded, secrets
from scripts.verify.check import Result, Status, compared, failed, passed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterMetadataTypeDef

    from scripts.verify.expected import Key

HONEYCOMB_BOUNDS = bounded.Bounds(max_bytes=1024 * 1024, max_seconds=10.0, timeouts=(2, 3))
NAMES_PER_CALL = 10


# Keys of one region are unknown in the other.
_OTHER_REGION = {
    "https://api.honeycomb.io": "https://api.eu1.honeycomb.io",
    "https://api.eu1.honeycomb.io": "https://api.honeycomb.io",
}


@dataclass
class KeyValue:
    """The key as SSM gave it, handed from the check that reads it to those that need it.

    ``auth`` is what Honeycomb says of it, once it has taken the key.
    """

    value: str | None = field(default=None, repr=False)
    auth: Mapping[str, object] | None = field(default=None, repr=False)


def read_plain(client: SSMClient, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return type and value of the parameters *names* that exist. Ten names a call, SSM's limit."""
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(names), NAMES_PER_CALL):
        answer = client.get_parameters(Names=list(names[start : start + NAMES_PER_CALL]))
        for parameter in answer["Parameters"]:
            found[parameter["Name"]] = (parameter["Type"], parameter["Value"])
    return found


def plain_result(found: Mapping[str, tuple[str, str]], name: str, value: str, remedy: str) -> Result:
    """Return whether *found* has parameter *name* as a String with exactly *value*."""
    check_id = f"ssm.parameter.{name}"
    wanted: dict[str, object] = {"type": "String", "value": value}
    if name not in found:
        return failed(check_id, f"type=String, value={value}", "no such parameter", remedy)
    kind, actual = found[name]
    if kind == "SecureString":
        # Without decryption the value is ciphertext, which says nothing and is nobody's to print.
        return failed(check_id, f"type=String, value={value}", "type=SecureString", remedy)
    return compared(check_id, wanted, {"type": kind, "value": actual}, remedy)


def key_expectation(key: Key) -> str:
    """Return in words what is asked for of the key's parameter."""
    return f"SecureString, not empty, key={_bare(key.kms_key_id)}, description={key.description}"


def key_result(client: SSMClient, key: Key, handed_on: KeyValue, *, apply: str, rotate: str) -> Result:
    """Return whether the key's parameter is as asked for; its value goes to *handed_on*, never into words.

    *apply* is the remedy where there is no parameter, *rotate* where there is a wrong one.
    """
    check_id, expected = f"ssm.parameter.{key.name}", key_expectation(key)
    answer = client.get_parameters(Names=[key.name], WithDecryption=True)
    if not answer["Parameters"]:
        return failed(check_id, expected, "no such parameter", apply)
    parameter = answer["Parameters"][0]
    secrets.remember(parameter["Value"])
    if parameter["Type"] != "SecureString":
        remedy = "delete the parameter, make a new key at Honeycomb, and apply with that"
        return failed(check_id, expected, f"type={parameter['Type']}, so the key is readable", remedy)
    handed_on.value = parameter["Value"].strip()
    if not handed_on.value:
        return failed(check_id, expected, "SecureString, empty", rotate)
    described = _described(client, key.name)
    wanted: dict[str, object] = {"key": _bare(key.kms_key_id), "description": key.description}
    actual: dict[str, object] = {
        "key": _bare(described.get("KeyId", "")),
        "description": described.get("Description", ""),
    }
    result = compared(check_id, wanted, actual, rotate)
    return replace(
        result,
        expected=f"SecureString, not empty, {result.expected}",
        actual=f"SecureString, not empty, {result.actual}",
    )


def _described(client: SSMClient, name: str) -> ParameterMetadataTypeDef:
    pages = client.get_paginator("describe_parameters").paginate(
        ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": [name]}]
    )
    for page in pages:
        for parameter in page["Parameters"]:
            return parameter
    return {}


def _bare(key_id: str) -> str:
    """Return a KMS key's own id: SSM gives it back as ARN or as id, whichever it was written with."""
    return key_id.rsplit(":key/", 1)[-1]


def honeycomb_result(endpoint: str, handed_on: KeyValue, remedy: str) -> Result:
    """Return whether Honeycomb at *endpoint* takes the key that SSM holds.

    Source: Honeycomb's API, GET /1/auth. Raises requests.RequestException where it can't be asked.
    """
    check_id = "honeycomb.key"
    expected = f"accepted by {endpoint}"
    if not handed_on.value:
        return Result(check_id, Status.SKIP, expected, "no key to show", remedy)
    if not (handed_on.value.isascii() and handed_on.value.isprintable()):
        actual = "has characters that no key has, and that can't be sent"
        return failed(check_id, expected, actual, remedy)
    else_answers = "check honeycomb_endpoint, the proxy and the network: is it Honeycomb that answers?"
    headers = {"X-Honeycomb-Team": handed_on.value}
    try:
        answer = bounded.ask("GET", f"{endpoint}/1/auth", HONEYCOMB_BOUNDS, headers=headers)
    except bounded.EndlessError as error:
        return failed(check_id, expected, f"an answer without end: {error}", else_answers)
    if answer.status == requests.codes.ok:
        document = _document(answer.body)
        kind = document.get("type")
        if not kind or not isinstance(kind, str):
            return failed(check_id, expected, "HTTP 200, and not as Honeycomb gives it", else_answers)
        handed_on.auth = document
        where = _name(document, "team"), _name(document, "environment")
        place = "/".join(part for part in where if part)
        return passed(check_id, expected, f"{kind} key{f' of {place}' if place else ''}")
    if answer.status in {requests.codes.unauthorized, requests.codes.forbidden}:
        other = _OTHER_REGION.get(endpoint)
        hint = f"; one of {other} is unknown here" if other else ""
        return failed(check_id, expected, f"refused (HTTP {answer.status})", remedy + hint)
    return failed(check_id, expected, f"HTTP {answer.status}", "try again; is this Honeycomb's own address?")


def _document(body: bytes) -> dict[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _name(document: Mapping[str, object], name: str) -> str:
    part = document.get(name)
    return str(part.get("name", "")) if isinstance(part, dict) else ""
