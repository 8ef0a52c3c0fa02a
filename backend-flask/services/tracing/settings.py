"""The settings of tracing: one frozen object, built from an explicit mapping."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from services.tracing.daemon_address import DEFAULT_ADDRESS, DaemonAddress
from services.tracing.errors import TracingSettingsError
from services.tracing.key_values import parse_headers, parse_key_values
from services.tracing.recording.span_bounds import SpanBounds
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.sending.certificates import Certificates
from services.tracing.sending.queue_bounds import QueueBounds
from services.tracing.settings_reader import (
    SettingsReader,
    attribute_names,
    boolean,
    http_url,
    milliseconds_from,
    one_of,
    parameter_path,
    ratio,
    seconds_from,
    some_of,
)

DIRECT, COLLECTOR, OTLP, OFF = "direct", "collector", "otlp", "off"
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
EXPORTERS = ("otlp", "console", "none")
RESOURCE_DETECTORS = ("aws_ecs", "aws_eks", "aws_elastic_beanstalk", "aws_ec2", "none")
COLLECTOR_URL = "http://localhost:4318"
"""Where an OpenTelemetry collector listens, OpenTelemetry protocol exporter."""
TIMEOUT_MIN_MILLISECONDS, TIMEOUT_MAX_MILLISECONDS = 100, 300_000
"""What is less was meant as seconds, which OpenTelemetry for Python takes it for."""
UNKNOWN = "unknown"
UNKNOWN_SERVICE = "unknown_service"


@dataclass(frozen=True)
class TracingSettings:
    """What tracing is told. Headers may hold a key, so that they are left out of `repr`.

    `otlp_traces_url` is the whole URL that spans are posted to. An AWS endpoint that is None is botocore's
    to find. `resource_detectors` None is what can be told without asking the network. Times are seconds.
    """

    parameter_path: str | None = None
    required: bool = False
    disabled: bool = False
    wanted_mode: str | None = None
    region: str | None = None
    ssm_endpoint_url: str | None = None
    xray_endpoint_url: str | None = None
    daemon: DaemonAddress = field(default_factory=DaemonAddress)
    service_name: str | None = None
    resource_attributes: Mapping[str, str] = field(default_factory=dict)
    resource_detectors: tuple[str, ...] | None = None
    naming_pattern: str | None = None
    exporters: tuple[str, ...] = ("otlp",)
    otlp_traces_url: str | None = None
    otlp_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_compressed: bool = True
    otlp_timeout_seconds: float | None = None
    otlp_certificates: Certificates = field(default_factory=Certificates)
    queue: QueueBounds = field(default_factory=QueueBounds)
    sampler: str | None = None
    sampler_ratio: float = 1.0
    trusted_callers: TrustedCallers = field(default_factory=TrustedCallers)
    indexed_attributes: tuple[str, ...] = ("http.route",)
    index_all_attributes: bool = False
    redacted_attributes: tuple[str, ...] = ()
    parameter_poll_seconds: float = 300.0
    shutdown_deadline_seconds: float = 5.0
    bounds: SpanBounds = field(default_factory=SpanBounds)

    @property
    def mode(self) -> str:
        """`direct` (daemon and Honeycomb), `collector` (OTLP once, to one), `otlp` (a back end) or `off`."""
        if self.disabled:
            return OFF
        if self.wanted_mode is not None:
            return self.wanted_mode
        if self.parameter_path is not None:
            return DIRECT
        return OTLP if self.otlp_traces_url is not None or "console" in self.exporters else OFF

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
        read = SettingsReader(environment)
        mode = read.parsed("TRACING_MODE", one_of((DIRECT, COLLECTOR)), None)
        sampler = (read.first("OTEL_TRACES_SAMPLER") or "").lower()
        read.parsed("OTEL_EXPORTER_OTLP_PROTOCOL", one_of(("http/protobuf",)), None)
        read.parsed("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", one_of(("http/protobuf",)), None)
        settings = cls(
            parameter_path=read.parsed("TRACING_PARAMETER_PATH", parameter_path, None),
            required=read.parsed("TRACING_REQUIRED", boolean, False),
            disabled=read.parsed("OTEL_SDK_DISABLED", boolean, False),
            wanted_mode=mode,
            region=read.first("AWS_REGION", "AWS_DEFAULT_REGION"),
            ssm_endpoint_url=read.url("AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"),
            xray_endpoint_url=read.url("AWS_ENDPOINT_URL_XRAY", "AWS_ENDPOINT_URL"),
            daemon=read.parsed(
                "AWS_XRAY_DAEMON_ADDRESS", DaemonAddress.parse, DaemonAddress.parse(DEFAULT_ADDRESS)
            ),
            service_name=read.first("OTEL_SERVICE_NAME"),
            resource_attributes=read.parsed("OTEL_RESOURCE_ATTRIBUTES", parse_key_values, {}),
            resource_detectors=read.parsed(
                "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", some_of(RESOURCE_DETECTORS), None
            ),
            naming_pattern=read.first("AWS_XRAY_URL"),
            exporters=read.parsed("OTEL_TRACES_EXPORTER", some_of(EXPORTERS), ("otlp",)),
            otlp_traces_url=_traces_url(read) or (traces_url(COLLECTOR_URL) if mode == COLLECTOR else None),
            otlp_headers={
                **read.parsed("OTEL_EXPORTER_OTLP_HEADERS", parse_headers, {}),
                **read.parsed("OTEL_EXPORTER_OTLP_TRACES_HEADERS", parse_headers, {}),
            },
            is_compressed=read.parsed_first(
                ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"),
                one_of(("gzip", "none")),
                "gzip",
            )
            == "gzip",
            otlp_timeout_seconds=read.parsed_first(
                ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"),
                milliseconds_from(TIMEOUT_MIN_MILLISECONDS, TIMEOUT_MAX_MILLISECONDS),
                None,
            ),
            otlp_certificates=Certificates.read(read),
            queue=QueueBounds.read(read),
            sampler=read.parsed("OTEL_TRACES_SAMPLER", one_of((*STANDARD_SAMPLERS, XRAY_SAMPLER)), None),
            sampler_ratio=(
                read.parsed("OTEL_TRACES_SAMPLER_ARG", ratio, 1.0) if sampler in RATIO_SAMPLERS else 1.0
            ),
            trusted_callers=read.parsed("TRACING_TRUSTED_CALLERS", TrustedCallers.parse, TrustedCallers()),
            indexed_attributes=read.parsed("TRACING_INDEXED_ATTRIBUTES", attribute_names, ("http.route",)),
            index_all_attributes=read.parsed("TRACING_INDEX_ALL_ATTRIBUTES", boolean, False),
            redacted_attributes=read.parsed("TRACING_REDACTED_ATTRIBUTES", attribute_names, ()),
            parameter_poll_seconds=read.parsed("TRACING_PARAMETER_POLL", seconds_from(1, 86_400), 300.0),
            shutdown_deadline_seconds=read.parsed("TRACING_SHUTDOWN_DEADLINE", seconds_from(0.1, 300), 5.0),
            bounds=SpanBounds.read(read),
        )
        if settings.parameter_path is None:
            read.problems += _needing_a_path(settings)
        if read.problems:
            raise TracingSettingsError(dict.fromkeys(read.problems))
        return settings


def _needing_a_path(settings: TracingSettings) -> list[str]:
    wrong = [
        text
        for text, is_set in (
            ("TRACING_REQUIRED is true", settings.required),
            ("TRACING_MODE is direct", settings.wanted_mode == DIRECT),
        )
        if is_set
    ]
    return [
        f"{text} but TRACING_PARAMETER_PATH is not set;"
        f" set it, for instance to /cruddur/local/backend-flask, or leave {text.split()[0]} out"
        for text in wrong
    ]


def _traces_url(read: SettingsReader) -> str | None:
    """OpenTelemetry protocol exporter: a traces endpoint is used as it is, a base gets `/v1/traces`."""
    traces = read.parsed("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", lambda text: http_url(text) and text, None)
    base = read.url("OTEL_EXPORTER_OTLP_ENDPOINT")
    return traces or (traces_url(base) if base else None)


def traces_url(base: str) -> str:
    """Return where a base URL, with or without a last slash, takes spans."""
    return f"{base.rstrip('/')}/v1/traces"
