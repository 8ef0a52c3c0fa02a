"""What runs while tracing is on: sampler, pipeline, sinks and poller, put together."""

import time

from opentelemetry.sdk.trace.sampling import Sampler

from services.tracing.aws_xray import XRaySink
from services.tracing.daemon_client import DaemonClient
from services.tracing.honeycomb import HoneycombSink
from services.tracing.installation import install
from services.tracing.pipeline import Pipeline
from services.tracing.provider import Provider
from services.tracing.recorder import Recorder
from services.tracing.resource import make_resource
from services.tracing.resources import (
    API_KEY,
    DATASET,
    DATASET_HEADER,
    ENDPOINT,
    TEAM_HEADER,
    LoadedResources,
)
from services.tracing.sampling import RuleSampler, standard_sampler
from services.tracing.settings import XRAY_SAMPLER, TracingSettings, traces_url
from services.tracing.targets import TargetPoller

SCOPE_NAME = "services.tracing"
POLLER_STOP_SECONDS = 0.5


class Session:
    """Tracing at work: with `resources` both sinks and X-Ray's rules, else OTLP and a standard sampler."""

    def __init__(self, settings: TracingSettings, resources: LoadedResources | None) -> None:
        self.resources = resources
        self._settings = settings
        self.resource = make_resource(settings, resources.group.name if resources else None)
        self.service_name = str(self.resource.attributes["service.name"])
        self.rules: RuleSampler | None = None
        self.poller: TargetPoller | None = None
        self.xray: XRaySink | None = None
        self.notes: list[str] = []
        self._provider: Provider | None = None
        if resources is not None:
            self.xray = XRaySink(settings.daemon.udp)
            self.rules = RuleSampler(self.service_name, resources.rules)
            self.poller = TargetPoller(self.rules, DaemonClient(settings.daemon.tcp))
            if settings.sampler not in {None, XRAY_SAMPLER}:
                self.notes.append(
                    f"OTEL_TRACES_SAMPLER={settings.sampler} is not used: with TRACING_PARAMETER_PATH X-Ray's"
                    " rules decide; unset one of the two"
                )
        self._sampler: Sampler = self.rules or standard_sampler(settings.sampler, settings.sampler_ratio)
        self.honeycomb = HoneycombSink(*self._otlp_target(settings, resources))
        sinks = [sink for sink in (self.xray, self.honeycomb) if sink is not None]
        self.pipeline = Pipeline(sinks)
        self.recorder: Recorder | None = None

    def start(self) -> None:
        """Start the threads and take over the process's tracers."""
        self.honeycomb.start()
        self.pipeline.start()
        self._provider = provider = install(self.resource, self._sampler, self.pipeline)
        self.recorder = Recorder(
            provider.get_tracer(SCOPE_NAME), provider.id_generator, self.rules, self._settings
        )
        if self.poller is not None:
            self.poller.start()

    def close(self, deadline: float) -> None:
        """Record nothing more, and send what is recorded until `deadline` (monotonic seconds)."""
        if self._provider is not None:
            self._provider.stop_recording()
        self.pipeline.close(deadline)
        if self.xray is not None:
            self.xray.close()
        self.honeycomb.close(deadline)
        if self.poller is not None:
            self.poller.stop(min(POLLER_STOP_SECONDS, max(0.0, deadline - time.monotonic())))

    def leave_behind(self) -> None:
        """In a child process: the parent's threads and queue aren't here, record nothing into them."""
        if self._provider is not None:
            self._provider.stop_recording()

    def problems(self) -> list[str]:
        """Return what is wrong at the moment, one line each."""
        problems = list(self.notes)
        if self.poller is not None and self.poller.last_error is not None:
            problems.append(f"sampling calls through the X-Ray daemon fail: {self.poller.last_error}")
        return problems

    def _otlp_target(
        self, settings: TracingSettings, resources: LoadedResources | None
    ) -> tuple[str, dict[str, str]]:
        """Return where spans go and with which headers: explicit OTEL variables win over parameters.

        The key goes only where the parameters say, not to whatever back end a variable names.
        """
        headers = {name.lower(): value for name, value in settings.otlp_headers.items()}
        url = settings.otlp_traces_url or ""
        if resources is None:
            return url, headers
        parameters = resources.parameters
        named = traces_url(parameters[ENDPOINT].value) if ENDPOINT in parameters else None
        if TEAM_HEADER in headers:
            return url or str(named), headers
        if url and url != named:
            self.notes.append(
                f"the key from SSM is not sent to {url}, since {ENDPOINT} names another place;"
                f" set OTEL_EXPORTER_OTLP_HEADERS={TEAM_HEADER}=<key> if it is Honeycomb's"
            )
            return url, headers
        headers[TEAM_HEADER] = parameters[API_KEY].value
        headers.setdefault(DATASET_HEADER, parameters[DATASET].value)
        return url or str(named), headers
