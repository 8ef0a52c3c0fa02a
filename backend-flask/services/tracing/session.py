"""What runs while tracing is on: sampler, pipeline, sinks and what keeps them current, put together."""

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opentelemetry.sdk.trace.sampling import Sampler

from services.tracing.aws_xray import XRaySink
from services.tracing.coexistence.installation import install, installation_problems, make_recorder
from services.tracing.honeycomb import HoneycombSink
from services.tracing.key_values import TEAM_HEADER
from services.tracing.loaded.document import loaded_document
from services.tracing.loaded.teller import PARAMETERS, START, STOP, Teller
from services.tracing.pipeline import Pipeline
from services.tracing.privacy.redaction import Redactor
from services.tracing.probes import Probes
from services.tracing.recorder import Recorder
from services.tracing.resources import LoadedResources
from services.tracing.rules.daemon_client import DaemonClient
from services.tracing.rules.targets import TargetPoller
from services.tracing.sampling import RuleSampler, standard_sampler
from services.tracing.sending.otlp_target import Target, target_of
from services.tracing.sending.sinks import HONEYCOMB, XRAY, exporter_notes, make_sinks
from services.tracing.sending.worker_counts import own_slot
from services.tracing.settings import XRAY_SAMPLER, TracingSettings
from services.tracing.startup.parameter_watch import ParameterWatch
from services.tracing.startup.parameters import API_KEY, Parameter
from services.tracing.startup.resource import make_resource, service_type_of

SCOPE_NAME = "services.tracing"

_log = logging.getLogger(__name__)


class Session:
    """Tracing at work: with `resources` X-Ray's rules decide, else a standard sampler. Sinks are by name."""

    def __init__(self, settings: TracingSettings, resources: LoadedResources | None) -> None:
        """Put it together; nothing runs yet.

        Raises:
            ResourceError: the OTLP back end's certificates can't be used.
        """
        self.resources = resources
        self._settings = settings
        self.resource = make_resource(settings, resources.group.name if resources else None)
        self.service_name = str(self.resource.attributes["service.name"])
        self.rules: RuleSampler | None = None
        self.poller: TargetPoller | None = None
        self.recorder: Recorder | None = None
        self._watch: ParameterWatch | None = None
        target, notes = target_of(settings, resources.parameters if resources else None)
        self._target = target
        slot = own_slot()
        self.teller = Teller(self._loaded, slot=slot, is_logged=resources is not None)
        self._notes = [*exporter_notes(settings), *notes]
        self.probes = Probes()
        self._take_probe_key(target)
        self.sinks = make_sinks(settings, target)
        honeycomb = self.sinks.get(HONEYCOMB)
        self._otlp = honeycomb if isinstance(honeycomb, HoneycombSink) else None
        if self._otlp is not None:
            target.certificates.check()
        if resources is not None:
            self.rules = RuleSampler(
                self.service_name,
                resources.rules,
                service_type=service_type_of(self.resource),
                trusted=settings.trusted_callers,
            )
            self.poller = TargetPoller(
                self.rules, DaemonClient(settings.daemon.tcp), polled=self.teller.polled
            )
            if settings.sampler not in {None, XRAY_SAMPLER}:
                self._notes.append(
                    f"OTEL_TRACES_SAMPLER={settings.sampler} is not used: with TRACING_PARAMETER_PATH X-Ray's"
                    " rules decide; unset one of the two"
                )
            if target.has_loaded_key and self._otlp is not None:
                self._watch = ParameterWatch(settings, resources.parameters, self._looked)
                self._otlp.sender.ask_for_look = self._watch.ask
        self._sampler: Sampler = self.rules or standard_sampler(
            settings.sampler, settings.sampler_ratio, settings.trusted_callers
        )
        xray = self.sinks.get(XRAY)
        self.pipeline = Pipeline(
            tuple(self.sinks.values()),
            redact=Redactor(settings.redacted_attributes),
            capacity=settings.queue.spans,
            batch=settings.queue.batch_spans,
            delay=settings.queue.delay_seconds,
            each_round=xray.tick if isinstance(xray, XRaySink) else None,
            cells=None if slot is None else slot.queue,
        )
        self._stop_recording = _nothing
        self._is_recording = False
        self._is_closed = False

    def start(self) -> None:
        """Start the threads and take over the process's tracers."""
        if self._otlp is not None:
            self._otlp.start()
        self.pipeline.start()
        installed = install(
            self.resource,
            self._sampler,
            self.pipeline,
            self._settings.trusted_callers,
            self._settings.bounds,
        )
        self._stop_recording, self._is_recording = installed.stop_recording, True
        self.recorder = make_recorder(installed, SCOPE_NAME, self.rules, self._settings, self.probes)
        if self.poller is not None:
            self.poller.start()
        if self._watch is not None:
            self._watch.start()
        self.teller.tell(START)

    def close(self, deadline: float) -> None:
        """Record nothing more, and send what is recorded until `deadline` (monotonic seconds). Once."""
        if self._is_closed:
            return
        self._is_closed = True
        self.stop_recording()
        if self.poller is not None:
            self.poller.stop()
        self.pipeline.close(deadline)
        # OTLP's sink, the first, may need all the time there is; the others need little.
        for sink in reversed(tuple(self.sinks.values())):
            sink.close(deadline)
        if self._watch is not None:
            self._watch.stop()
        if self.poller is not None:
            self.poller.wait(max(0.0, deadline - time.monotonic()))
        if self.teller.told is not None:
            self.teller.tell(STOP)
        self._account()

    def stop_recording(self) -> None:
        """Record nothing more. Does nothing the second time: another session may be recording by then."""
        if self._is_recording:
            self._is_recording = False
            self._stop_recording()

    def _account(self) -> None:
        """Say what became of every span; what is still on its way counts as stopped."""
        queue = self.pipeline.finish()
        for sink in self.sinks.values():
            sink.counters.finish(queue["recorded"] - queue["dropped"])
        counts = {name: sink.counters.status() for name, sink in self.sinks.items()}
        told = [f"queue dropped {queue['causes'] or 0}"]
        told += [
            f"{name} sent {sink['sent']}, dropped {sink['dropped'] or 0}" for name, sink in counts.items()
        ]
        _log.info(
            "tracing stopped: recorded %d spans; %s",
            queue["recorded"],
            "; ".join(told),
            extra={
                "recorded": queue["recorded"],
                "queue_dropped": queue["causes"],
                "sinks": {
                    name: {"sent": sink["sent"], "dropped": sink["dropped"]} for name, sink in counts.items()
                },
            },
        )

    def leave_behind(self) -> None:
        """In a child process: the parent's threads and queue aren't here, record nothing into them."""
        self._stop_recording()
        self.pipeline.leave_behind()
        for sink in self.sinks.values():
            sink.counters.leave_behind()

    @property
    def otlp_target(self) -> Target | None:
        """Where spans go as OTLP; None where they don't."""
        return None if self._otlp is None else self._target

    def problems(self) -> list[str]:
        """Return what is wrong at the moment, one line each."""
        problems = [*self._notes, *installation_problems()]
        if self.poller is not None and self.poller.last_error is not None:
            problems.append(f"sampling calls through the X-Ray daemon fail: {self.poller.last_error}")
        if self._watch is not None:
            problems += self._watch.problems
        return problems

    def _looked(self, parameters: Mapping[str, Parameter] | None) -> None:
        """Take up Honeycomb's parameters after a look; None where they are as before."""
        target = None
        if parameters is not None and self.resources is not None:
            self.resources = replace(self.resources, parameters={**self.resources.parameters, **parameters})
            target, _ = target_of(self._settings, self.resources.parameters)
            self._take_probe_key(target)
            _log.info(
                "Honeycomb's parameters are new and taken up: %s",
                ", ".join(f"{name} version {new.version}" for name, new in sorted(parameters.items())),
            )
        if self._otlp is not None:
            self._otlp.sender.take(target)
        if target is not None:
            self._target = target
            self.teller.tell(PARAMETERS)

    def _loaded(self) -> dict[str, Any]:
        return loaded_document(
            attributes=self.resource.attributes,
            service_type=service_type_of(self.resource),
            mode=self._settings.mode,
            parameter_path=self._settings.parameter_path,
            resources=self.resources,
            rules=[] if self.rules is None else [state.rule for state in self.rules.states()],
            target=self._target,
        )

    def _take_probe_key(self, target: Target) -> None:
        """Check probes by the key that SSM gave, else by the one that a variable holds for the target."""
        loaded = self.resources.parameters.get(API_KEY) if self.resources is not None else None
        if loaded is not None:
            self.probes.use(loaded.value, loaded.version)
        else:
            self.probes.use(target.headers.get(TEAM_HEADER))


def _nothing() -> None:
    """Stop recording where nothing was started."""
