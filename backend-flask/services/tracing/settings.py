"""The settings of tracing: one frozen object, built from an explicit mapping."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar
from urllib.parse import urlsplit

from services.tracing.daemon_address import DEFAULT_ADDRESS, DaemonAddress
from services.tracing.errors import TracingSettingsError
from services.tracing.key_values import parse_key_values

XRAY_SAMPLER = "xray"
RATIO_SAMPLERS = ("traceidratio", "parentbased_traceidratio")
STANDARD_SAMPLERS = (
    "always_on",
    "always_off",
    "parentbased_always_on",
    "parentbased_always_off",
    *RATIO_SAMPLERS,
)
DEFAULT_SAMPLER = "parentbased_always_on"
UNKNOWN = "unknown"
UNKNOWN_SERVICE = "unknown_service"

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class TracingSettings:
    """What tracing is told. Headers may hold a key, so that they are left out of `repr`.

    `otlp_traces_url` is the whole URL that spans are posted to. An AWS endpoint that is None is botocore's
    to find. Times are seconds.
    """

    parameter_path: str | None = None
    required: bool = False
    disabled: bool = False
    region: str | None = None
    ssm_endpoint_url: str | None = None
    xray_endpoint_url: str | None = None
    daemon: DaemonAddress = field(default_factory=DaemonAddress)
    service_name: str | None = None
    resource_attributes: Mapping[str, str] = field(default_factory=dict)
    otlp_traces_url: str | None = None
    otlp_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sampler: str | None = None
    sampler_ratio: float = 1.0
    shutdown_deadline_seconds: float = 5.0

    @property
    def service_version(self) -> str:
        """The resource's `service.version`."""
        return self.resource_attributes.get("service.version", UNKNOWN)

    @property
    def deployment_environment(self) -> str:
        """The resource's `deployment.environment.name`, else the parameter path's `/<project>/<env>/...`."""
        named = self.resource_attributes.get("deployment.environment.name")
        parts = (self.parameter_path or "").split("/")
        return named or (parts[2] if len(parts) > 3 else UNKNOWN)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables; one that is empty counts as not set.

        Raises:
            TracingSettingsError: lists every variable that can't be used, with what was expected.
        """
        read = _Reader(environment)
        name = read.first("OTEL_TRACES_SAMPLER")
        settings = cls(
            parameter_path=read.parsed("TRACING_PARAMETER_PATH", _parameter_path, None),
            required=read.parsed("TRACING_REQUIRED", _boolean, False),
            disabled=read.parsed("OTEL_SDK_DISABLED", _boolean, False),
            region=read.first("AWS_REGION", "AWS_DEFAULT_REGION"),
            ssm_endpoint_url=read.url("AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"),
            xray_endpoint_url=read.url("AWS_ENDPOINT_URL_XRAY", "AWS_ENDPOINT_URL"),
            daemon=read.parsed(
                "AWS_XRAY_DAEMON_ADDRESS", DaemonAddress.parse, DaemonAddress.parse(DEFAULT_ADDRESS)
            ),
            service_name=read.first("OTEL_SERVICE_NAME"),
            resource_attributes=read.parsed("OTEL_RESOURCE_ATTRIBUTES", parse_key_values, {}),
            otlp_traces_url=_traces_url(read),
            otlp_headers={
                **read.parsed("OTEL_EXPORTER_OTLP_HEADERS", parse_key_values, {}),
                **read.parsed("OTEL_EXPORTER_OTLP_TRACES_HEADERS", parse_key_values, {}),
            },
            sampler=read.parsed("OTEL_TRACES_SAMPLER", _sampler_name, None),
            sampler_ratio=(
                read.parsed("OTEL_TRACES_SAMPLER_ARG", _ratio, 1.0) if name in RATIO_SAMPLERS else 1.0
            ),
        )
        if settings.required and settings.parameter_path is None:
            read.problems.append(
                "TRACING_REQUIRED is true but TRACING_PARAMETER_PATH is not set;"
                " set it, for instance to /cruddur/local/backend-flask, or leave TRACING_REQUIRED out"
            )
        if read.problems:
            raise TracingSettingsError(dict.fromkeys(read.problems))
        return settings


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def first(self, *names: str) -> str | None:
        """Return the first variable that is set and not empty."""
        return next((value for name in names if (value := self._environment.get(name, "").strip())), None)

    def parsed(self, name: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
        """Return what `parse` makes of a variable, or the default where it isn't set or is wrong."""
        value = self.first(name)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return default

    def url(self, *names: str) -> str | None:
        """Return the first of the variables that is set, as an http or https URL without the last slash."""
        name = next((name for name in names if self.first(name)), None)
        return None if name is None else self.parsed(name, http_url, None)


def _traces_url(read: _Reader) -> str | None:
    """OpenTelemetry protocol exporter: a traces endpoint is used as it is, a base gets `/v1/traces`."""
    traces = read.parsed("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", lambda text: http_url(text) and text, None)
    base = read.url("OTEL_EXPORTER_OTLP_ENDPOINT")
    return traces or (traces_url(base) if base else None)


def traces_url(base: str) -> str:
    """Return where a base URL, with or without a last slash, takes spans."""
    return f"{base.rstrip('/')}/v1/traces"


def http_url(text: str) -> str:
    """Return the URL without the last slash.

    Raises:
        ValueError: it is another kind of URL, or holds what would be shown where the URL is (user and
            password) or break what is added to it (query, fragment). The message never repeats it.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port  # the port's ValueError shows it, and it may be a password
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or " " in text or not text.isprintable():
        raise ValueError("no http or https URL; expected https://host[:port]")
    if "@" in parts.netloc:
        raise ValueError("a URL with user or password; expected https://host[:port]")
    if "?" in text or "#" in text:
        raise ValueError("a URL with query or fragment; expected https://host[:port]")
    return text.rstrip("/")


def _boolean(text: str) -> bool:
    match text.lower():
        case "true":
            return True
        case "false":
            return False
    raise ValueError(f"{text!r} is neither true nor false")


def _parameter_path(text: str) -> str:
    path = text.rstrip("/")
    if not path.startswith("/") or "//" in path:
        raise ValueError(f"{text!r} is no parameter path; expected /<project>/<environment>/<service>")
    return path


def _sampler_name(text: str) -> str:
    name = text.lower()
    if name != XRAY_SAMPLER and name not in STANDARD_SAMPLERS:
        raise ValueError(
            f"{text!r} is unknown; expected one of {', '.join((*STANDARD_SAMPLERS, XRAY_SAMPLER))}"
        )
    return name


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise ValueError(f"{text!r} is no ratio; expected a number from 0 to 1")
    return ratio
