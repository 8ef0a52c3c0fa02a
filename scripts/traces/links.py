"""Where a trace can be looked at: the AWS console and Honeycomb's UI. No link rather than a wrong one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import requests

from scripts.errors import OperatorError
from scripts.honeycomb.links import user_interface

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 3.0
_WITHOUT_LINKS = "there are no links to Honeycomb"
# Source: AWS documentation, "Amazon Resource Names" and the consoles of its partitions.
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


@dataclass(frozen=True)
class Place:
    """Where Honeycomb's UI has an environment: its address, and the slugs of team and environment.

    The environment's is empty in Honeycomb Classic.
    """

    ui: str
    team: str
    environment: str


@dataclass(frozen=True)
class Links:
    """What leads to a trace. Without a console (local) or a place (no key) there is no such link.

    The console's address is that of many public links; AWS documents none. ``local_honeycomb`` is the local
    Honeycomb's address, which has no pages, but answers with a trace's events.
    """

    console: str = ""
    region: str = ""
    honeycomb: Place | None = None
    local_honeycomb: str = ""

    def of(self, trace_id: str, start: float, end: float | None) -> dict[str, str]:
        """Return the addresses of *trace_id* (X-Ray's form) by kind; times are epoch seconds."""
        found: dict[str, str] = {}
        if self.console:
            found["xray_console"] = self._console(quote(trace_id, safe=""))
        digits = "".join(trace_id.split("-")[1:])
        if self.honeycomb is not None:
            found["honeycomb"] = _honeycomb(self.honeycomb, digits, start, end)
        if self.local_honeycomb:
            found["local_honeycomb_events"] = f"{self.local_honeycomb}/_localcloud/traces/{digits}"
        return found

    def with_honeycomb(self, place: Place) -> Links:
        """Return these links with those to Honeycomb's UI."""
        return replace(self, honeycomb=place)

    def console_pattern(self) -> str:
        """Return the console's address of any trace, with a place for the id."""
        return self._console("<trace id>")

    def _console(self, trace_id: str) -> str:
        return f"https://{self.region}.{self.console}/cloudwatch/home?region={self.region}#xray:traces/{trace_id}"


def console(region: str, caller_arn: str) -> Links:
    """Return the links to the console of the partition that *caller_arn* names; none of one not known."""
    partition = caller_arn.split(":")[1] if caller_arn.count(":") > 1 else ""
    return Links(_CONSOLES.get(partition, ""), region)


def _honeycomb(place: Place, digits: str, start: float, end: float | None) -> str:
    """Source: docs.honeycomb.io/investigate/collaborate/share-trace."""
    base = f"{place.ui}/{quote(place.team, safe='')}"
    if place.environment:
        base += f"/environments/{quote(place.environment, safe='')}"
    times = f"&trace_start_ts={math.floor(start)}"
    if end is not None:
        times += f"&trace_end_ts={math.ceil(end)}"
    return f"{base}/trace?trace_id={digits}{times}"


def ui_of(endpoint: str) -> str:
    """Return the UI that belongs to Honeycomb's API at *endpoint*; empty where none is known."""
    return (user_interface(endpoint) or "") if urlsplit(endpoint).scheme == "https" else ""


def place_of(endpoint: str, key: str, ui: str) -> Place:
    """Return where *ui* has the environment that *key* belongs to, as the API at *endpoint* tells it.

    Raises OperatorError, which never shows the key, where that can't be learned.
    """
    try:
        answer = requests.get(
            f"{endpoint.rstrip('/')}/1/auth",
            headers={"X-Honeycomb-Team": key},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise OperatorError(
            f"{endpoint} can't be reached ({type(error).__name__})", remedy=_WITHOUT_LINKS
        ) from error
    try:
        told: Mapping[str, Any] = answer.json() if answer.ok else {}
        team, environment = told["team"]["slug"], told["environment"]["slug"]
    except (KeyError, TypeError, ValueError):
        team = environment = None
    if not isinstance(team, str) or not isinstance(environment, str) or not team:
        raise OperatorError(
            f"{endpoint} does not tell the key's team and environment (HTTP {answer.status_code})",
            remedy=_WITHOUT_LINKS,
        )
    return Place(ui, team, environment)
