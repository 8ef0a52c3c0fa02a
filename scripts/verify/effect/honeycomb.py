"""What Honeycomb says of the key: its kind, what it may do, and whose it is.

Source: Honeycomb's API, GET /1/auth; docs.honeycomb.io/api/authentication for the kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts import honeycomb_key
from scripts.errors import OperatorError
from scripts.verify.check import Result, Status, failed, passed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.terragrunt.render import Target

INGEST = "ingest key"
_NEW_KEY = "make an ingest key in Honeycomb's environment settings and write it"


@dataclass(frozen=True)
class Auth:
    """The answer of ``GET /1/auth``; slugs are empty for what Honeycomb names none of."""

    kind: str
    may_send: bool
    may_create_datasets: bool
    team: str
    environment: str

    @classmethod
    def read(cls, document: Mapping[str, object], key: str) -> Auth:
        """Read the answer for *key*, of which only the shape is looked at.

        Raises OperatorError where it is no such answer.
        """
        kind = document.get("type")
        access = document.get("api_key_access")
        if not isinstance(kind, str) or not isinstance(access, dict):
            raise OperatorError(
                "the answer to GET /1/auth is not as Honeycomb gives it: no type, or no api_key_access",
                remedy="check honeycomb_endpoint, the proxy and the network: is it Honeycomb that answers?",
            )
        environment = _slug(document, "environment")
        if "classic" in (honeycomb_key.kind(key) or "") or not environment:
            kind = f"classic {kind}"
        # An ingest key may always send, and is not asked for it: its only permission is createDatasets.
        return cls(
            kind,
            may_send=kind.endswith("ingest") or access.get("events") is True,
            may_create_datasets=access.get("createDatasets") is True,
            team=_slug(document, "team"),
            environment=environment,
        )


@dataclass(frozen=True)
class Place:
    """Where the configuration wants events to go: slugs that are empty are not asked for."""

    team: str
    environment: str
    dataset: str
    service_name: str

    @classmethod
    def of(cls, target: Target, dataset: str) -> Place:
        """Return the environment's; *dataset* is the configured one."""
        settings = target.settings
        team, environment = settings.get("honeycomb_team"), settings.get("honeycomb_environment")
        return cls(str(team or ""), str(environment or ""), dataset, target.service_name)

    def expectations(self) -> dict[str, str]:
        """Return the checks that are made, with what each asks for."""
        wanted = {
            "honeycomb.key.kind": INGEST,
            "honeycomb.key.sends": "may send events",
        }
        if self.dataset:
            wanted["honeycomb.dataset"] = f"data set {self.dataset}"
        if self.environment:
            wanted["honeycomb.key.environment"] = f"environment {self.environment}"
        if self.team:
            wanted["honeycomb.key.team"] = f"team {self.team}"
        return wanted


def results(auth: Auth, place: Place, rotate: str) -> list[Result]:
    """Return what the key's kind, permissions and owners come to; *rotate* is how another is written."""
    wanted = place.expectations()
    found = [_kind(auth, rotate), _sends(auth, rotate)]
    if place.dataset:
        found.append(_dataset(auth, place))
    owners = {
        "honeycomb.key.environment": ("environment", auth.environment),
        "honeycomb.key.team": ("team", auth.team),
    }
    for check_id, (part, name) in owners.items():
        expected = wanted.get(check_id)
        if expected is None:
            continue
        if expected == f"{part} {name}":
            found.append(passed(check_id, expected, expected))
        else:
            actual = f"{part} {name}" if name else f"no {part}: a Classic key has none"
            remedy = f"{rotate}; or correct honeycomb_{part} in env.hcl"
            found.append(failed(check_id, expected, actual, remedy))
    return found


def skipped(place: Place, why: str, remedy: str) -> list[Result]:
    """Return that nothing of this could be looked at."""
    return [
        Result(check_id, Status.SKIP, expected, why, remedy)
        for check_id, expected in place.expectations().items()
    ]


def _kind(auth: Auth, rotate: str) -> Result:
    check_id, actual = "honeycomb.key.kind", f"{auth.kind} key"
    if actual == INGEST:
        return passed(check_id, INGEST, actual)
    why = "it can do more than send, and the backend needs no more"
    if auth.kind.startswith("classic"):
        why = "it is of Honeycomb Classic, which has no environments"
    return failed(check_id, INGEST, f"{actual}: {why}", f"{_NEW_KEY}: {rotate}")


def _sends(auth: Auth, rotate: str) -> Result:
    check_id, expected = "honeycomb.key.sends", "may send events"
    if not auth.may_send:
        return failed(check_id, expected, "may not send events", f"{_NEW_KEY}: {rotate}")
    new = "and make data sets" if auth.may_create_datasets else "into data sets that are there already"
    return passed(check_id, expected, f"{expected} {new}")


def _dataset(auth: Auth, place: Place) -> Result:
    """Return whether events come to the configured data set: outside of Classic the service's name is it."""
    check_id, expected = "honeycomb.dataset", f"data set {place.dataset}"
    is_classic = auth.kind.startswith("classic")
    actual = place.dataset if is_classic else place.service_name
    if actual.strip().casefold() == place.dataset.strip().casefold():
        return passed(check_id, expected, f"data set {actual}")
    return failed(
        check_id,
        expected,
        f"data set {actual}: Honeycomb takes the service's name for it",
        "leave honeycomb_dataset out of env.hcl, or correct service_name",
    )


def _slug(document: Mapping[str, object], name: str) -> str:
    part = document.get(name)
    slug = part.get("slug") if isinstance(part, dict) else None
    return slug if isinstance(slug, str) else ""
