"""Where a command's trace goes: X-Ray of the session's region, Honeycomb of the environment's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

from scripts import honeycomb_key, secrets
from scripts.aws import FAILURES, clients
from scripts.errors import OperatorError
from scripts.traces import links
from scripts.verify.expected import KEY_NAME
from xray.names import to_xray_trace_id

if TYPE_CHECKING:
    from scripts.session import Session
    from scripts.traces.links import Links

SERVICE_SUFFIX = "-deployments"


@dataclass
class Place:
    """An environment's two sinks.

    ``service`` is the name that the spans have there: not the backend's own, whose group, data set and
    alarms are about requests.
    """

    region: str
    service: str
    endpoint: str
    parameter: str
    is_local: bool
    links: Links
    _ahead: Thread | None = field(default=None, repr=False)
    _key: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, session: Session) -> Place:
        """Return the place of *session*'s environment."""
        target = session.any_unit.target
        endpoint = str(target.settings.get("honeycomb_endpoint") or "").rstrip("/")
        return cls(
            session.caller.region,
            f"{target.service_name}{SERVICE_SUFFIX}",
            endpoint,
            f"{target.parameter_path}/{KEY_NAME}",
            session.environment.is_local,
            _links(session, endpoint),
        )

    def read_key_ahead(self) -> None:
        """Read Honeycomb's key beside what goes on: a destroy removes it."""
        if self._ahead is None:
            self._ahead = Thread(target=self._read, daemon=True)
            self._ahead.start()

    def key(self) -> str | None:
        """Return the key that sends: SSM's, else the one handed over, else the local cloud's, else None."""
        if self._ahead is not None:
            self._ahead.join()
        else:
            self._read()
        return self._key or secrets.handed_over() or (_local() if self.is_local else None)

    def _read(self) -> None:
        """Note SSM's key. Who may not read it, or finds none, sends without: the caller tells."""
        try:
            ssm = clients(self.region).ssm()
            value = ssm.get_parameter(Name=self.parameter, WithDecryption=True)["Parameter"]["Value"]
        except FAILURES:
            return
        secrets.remember(value)
        self._key = value.strip()

    def addresses(self, trace_id: int, start: float, end: float) -> dict[str, str]:
        """Return where the trace can be looked at, by kind; times are epoch seconds."""
        return self.links.of(to_xray_trace_id(trace_id), start, end)


def _local() -> str | None:
    try:
        return honeycomb_key.stored()
    except OperatorError:
        return None


def _links(session: Session, endpoint: str) -> Links:
    if session.environment.is_local:
        return links.Links(local_honeycomb=endpoint)
    found = links.console(session.caller.region, session.caller.arn)
    settings = session.any_unit.target.settings
    ui, team = links.ui_of(endpoint), str(settings.get("honeycomb_team") or "")
    if not ui or not team:
        return found
    place = links.Place(ui, team, str(settings.get("honeycomb_environment") or ""))
    return found.with_honeycomb(place)
