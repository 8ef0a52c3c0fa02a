"""The X-Ray daemon: it answers, signs, and its credentials are those that X-Ray accepts.

The daemon's TCP port passes any request on to X-Ray, signed with its own credentials (aws/aws-xray-daemon,
pkg/proxy). So what X-Ray answers to GetSamplingRules through it tells all three.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import requests

from scripts import bounded
from scripts.verify.check import Result, failed, passed
from scripts.verify.effect import daemon_address
from scripts.verify.effect.posting import post

if TYPE_CHECKING:
    from scripts.terragrunt.render import Target

VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"
CHECK_ID = "daemon"
ACTIONS = "xray:PutTraceSegments, PutTelemetryRecords, GetSamplingRules and GetSamplingTargets"
TEXT_MAX_CHARACTERS = 200
_REFUSED = {400, 401, 403}


def expectation(target: Target) -> str:
    """Return in words what is asked for."""
    return f"answers, and X-Ray of {target.account_id} in {target.region} takes what it signs"


def daemon_result(text: str, target: Target) -> Result:
    """Return whether the daemon at *text*, the variable's value, reaches X-Ray of *target*'s account."""
    expected = expectation(target)

    def wrong(actual: str, remedy: str) -> Result:
        return failed(CHECK_ID, expected, actual, remedy)

    try:
        host, port = daemon_address.tcp(text)
    except ValueError as error:
        return wrong(f"{VARIABLE}: {error}", f"write it as {daemon_address.EXPECTED}")
    place = f"tcp {host}:{port}"
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    try:
        answer = post(f"{url}/GetSamplingRules", b"{}", {"Content-Type": "application/json"})
    except bounded.EndlessError as error:
        return wrong(f"what answers at {place} is no X-Ray daemon ({error})", f"correct {VARIABLE}")
    except requests.RequestException as error:
        remedy = f"start the X-Ray daemon there, or correct {VARIABLE}"
        return wrong(f"{place} does not answer ({type(error).__name__})", remedy)
    status, document = answer.status, _document(answer.body)
    if status == requests.codes.ok and isinstance(document.get("SamplingRuleRecords"), list):
        return _of_account(place, document["SamplingRuleRecords"], target)
    said = " ".join(str(document.get("message") or document.get("Message") or "").split())
    said = f": {said[:TEXT_MAX_CHARACTERS]}" if said else ""
    if status in _REFUSED:
        remedy = f"give the daemon credentials of {target.account_id} that may {ACTIONS}"
        return wrong(f"{place}: X-Ray refuses what it signs (HTTP {status}{said})", remedy)
    if status >= requests.codes.internal_server_error:
        remedy = "see the daemon's log: it has no credentials, or no way to X-Ray"
        return wrong(f"{place} gets no answer from X-Ray (HTTP {status}{said})", remedy)
    if status == requests.codes.too_many_requests:
        return wrong(f"{place}: X-Ray throttles (HTTP 429{said})", "wait a minute and run it again")
    return wrong(f"what answers at {place} is no X-Ray daemon (HTTP {status})", f"correct {VARIABLE}")


def _of_account(place: str, records: list[Any], target: Target) -> Result:
    """Compare account and region, which the rules' ARNs tell."""
    expected = expectation(target)
    try:
        arns = [str(record["SamplingRule"]["RuleARN"]).split(":") for record in records]
        owners = {(arn[4], arn[3]) for arn in arns}
    except (LookupError, TypeError):
        actual = f"what answers at {place} is no X-Ray daemon: its rules have no ARNs"
        return failed(CHECK_ID, expected, actual, f"correct {VARIABLE}")
    if owners == {(target.account_id, target.region)}:
        return passed(CHECK_ID, expected, f"{place} has {len(records)} rules from there")
    told = ", ".join(f"{account} in {region}" for account, region in sorted(owners)) or "nobody"
    return failed(
        CHECK_ID,
        expected,
        f"{place} signs for X-Ray of {told}",
        f"give the daemon the region {target.region} and credentials of {target.account_id}",
    )


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
