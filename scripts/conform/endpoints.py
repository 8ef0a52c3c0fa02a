"""Opens what the cases talk to, by the environment's own configuration, and refuses anything else."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scripts import honeycomb_key, secrets
from scripts.conform.case import UnansweredError
from scripts.conform.honeycomb_calls import HoneycombCalls
from scripts.conform.redaction import Redactor
from scripts.conform.surroundings import LOCAL_PATIENCE_SECONDS, PATIENCE_SECONDS, Surroundings
from scripts.conform.xray_calls import XRayCalls
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.conform.limits import Budget
    from scripts.session import Session

UNIT = "honeycomb"
_OK = 200
_UNKNOWN_KEY = 401


@dataclass(frozen=True)
class Endpoints:
    """Both services, and the surroundings that hold them. *known* are the account's own texts."""

    surroundings: Surroundings
    xray: XRayCalls
    honeycomb: HoneycombCalls | None
    known: Mapping[str, str]

    def redactor(self) -> Redactor:
        """Return a redactor that knows the account and the run."""
        return Redactor(self.known)


def refuse_other_places(environment_name: str, variables: Mapping[str, str]) -> None:
    """Raise OperatorError where a variable would lead a real environment's calls to another place."""
    if environment_name == "local":
        return
    given = sorted(name for name in variables if name.startswith("AWS_ENDPOINT_URL") and variables[name])
    if given:
        raise OperatorError(
            f"{', '.join(given)} would lead {environment_name}'s calls elsewhere",
            remedy=f"unset {' and '.join(given)}, or run it with ENV=local",
        )


def open_endpoints(opened: Session, budget: Budget, *, with_honeycomb: bool) -> Endpoints:
    """Return the environment's X-Ray and, where one is asked for and there is a key, its Honeycomb.

    The key is HONEYCOMB_CONFIGURATION_KEY or HONEYCOMB_API_KEY, for the local environment the local cloud's
    own; the endpoint is that of the environment's honeycomb unit. Raises OperatorError where a real
    environment's endpoint is none of a real service's, and where Honeycomb does not take the key.
    """
    local = opened.environment.is_local
    caller = opened.caller
    xray = XRayCalls(caller.region, budget)
    inputs = opened.units[UNIT].inputs
    endpoint = str(inputs["endpoint"])
    if not local:
        _require_real("X-Ray", xray.endpoint)
    known = {caller.account_id: "ACCOUNT", caller.region: "REGION", caller.arn: "PRINCIPAL"}
    known |= dict.fromkeys(caller.arn.split("/")[1:], "PRINCIPAL")
    known[str(inputs["dataset"])] = "DATASET"
    given = secrets.to_ask_with(local=local)
    if given is None and local:
        given = secrets.KEY_VARIABLE, honeycomb_key.stored()
    honeycomb = None
    if given is not None and with_honeycomb:
        if not local:
            _require_real("Honeycomb", endpoint)
        variable, key = given
        honeycomb = HoneycombCalls(endpoint, honeycomb_key.check(key, variable), budget)
        known |= {**_names(_auth(honeycomb, variable, local=local)), key: "KEY"}
    patience = LOCAL_PATIENCE_SECONDS if local else PATIENCE_SECONDS
    surroundings = Surroundings(xray, honeycomb, budget, patience)
    known[surroundings.run_id] = "RUN"
    return Endpoints(surroundings, xray, honeycomb, known)


def _require_real(service: str, endpoint: str) -> None:
    split = urlsplit(endpoint)
    host = split.hostname or ""
    if split.scheme != "https" or _is_loopback(host):
        raise OperatorError(
            f"{service}'s endpoint {endpoint} is none of a real account's",
            remedy="expected is an https address that is not this machine; correct env.hcl, or use ENV=local",
        )


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return not host or host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _auth(honeycomb: HoneycombCalls, variable: str, *, local: bool) -> dict[str, Any]:
    """Return what Honeycomb says of the key. Raises OperatorError where it knows none or says nothing."""
    remedy = "run `make local-down`, then `make local-up`" if local else "look at the endpoint in env.hcl"
    try:
        answer = honeycomb("GET", "/1/auth")
    except UnansweredError as error:
        raise OperatorError(str(error), remedy=remedy) from error
    if answer.status == _UNKNOWN_KEY:
        raise OperatorError(
            "Honeycomb does not know the key (GET /1/auth: HTTP 401)",
            remedy=f"set {variable} to a key of this team and region, or unset it",
        )
    if answer.status != _OK or not isinstance(answer.document, dict):
        raise OperatorError(
            f"what answers GET /1/auth is not Honeycomb (HTTP {answer.status})", remedy=remedy
        )
    return answer.document


def _names(access: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {str(access.get("id") or ""): "KEY"}
    for kind in ("team", "environment"):
        told = access.get(kind)
        for member in ("name", "slug"):
            text = told.get(member) if isinstance(told, dict) else None
            if isinstance(text, str):
                found[text] = kind.upper()
    return found
