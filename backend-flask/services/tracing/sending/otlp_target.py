"""Where spans go as OTLP, and with which headers: explicit OTEL variables win over parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from services.tracing.key_values import TEAM_HEADER
from services.tracing.sending.certificates import Certificates
from services.tracing.settings import COLLECTOR_URL, TracingSettings, traces_url
from services.tracing.startup.parameters import (
    API_KEY,
    DATASET,
    DATASET_HEADER,
    ENDPOINT,
    Parameter,
    explicit_headers,
    takes_parameters,
)


@dataclass(frozen=True, slots=True)
class Target:
    """The URL that spans are posted to; headers hold a key, so that they are left out of `repr`.

    `has_loaded_key` tells that the key is a parameter's, which may change while the process runs,
    `is_loaded_endpoint` that the URL is the one that the parameters name as Honeycomb's.
    `timeout_seconds` bounds the answer to one try, where the settings name it.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    has_loaded_key: bool = False
    timeout_seconds: float | None = None
    certificates: Certificates = field(default_factory=Certificates)
    is_loaded_endpoint: bool = False

    @property
    def name(self) -> str:
        """What the log calls it."""
        return f"OTLP back end at {self.url}"


def target_of(
    settings: TracingSettings, parameters: Mapping[str, Parameter] | None
) -> tuple[Target, list[str]]:
    """Return the target, and a line for each thing that an operator may not expect of it.

    The key goes only where the parameters say, not to whatever back end a variable names.
    """
    headers, url = explicit_headers(settings), settings.otlp_traces_url
    target = partial(
        Target, timeout_seconds=settings.otlp_timeout_seconds, certificates=settings.otlp_certificates
    )
    if parameters is None or not takes_parameters(settings):
        return target(url or traces_url(COLLECTOR_URL), headers), []
    named = traces_url(parameters[ENDPOINT].value) if ENDPOINT in parameters else ""
    if TEAM_HEADER in headers:
        return target(url or named, headers, is_loaded_endpoint=url in {None, "", named}), []
    if url and url != named:
        note = (
            f"the key from SSM is not sent to {url}, since {ENDPOINT} names another place;"
            f" set OTEL_EXPORTER_OTLP_HEADERS={TEAM_HEADER}=<key> if it is Honeycomb's"
        )
        return target(url, headers), [note]
    headers[TEAM_HEADER] = parameters[API_KEY].value
    if DATASET in parameters:
        headers.setdefault(DATASET_HEADER, parameters[DATASET].value)
    return target(named, headers, has_loaded_key=True, is_loaded_endpoint=True), []
