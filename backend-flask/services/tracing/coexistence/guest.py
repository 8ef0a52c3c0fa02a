"""Being a guest in the TracerProvider that the application set up: it stays as it is, we take part."""

from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import Tracer

from services.tracing.coexistence.guest_processor import GuestProcessor
from services.tracing.coexistence.guest_recorder import GuestRecorder
from services.tracing.pipeline import Pipeline
from services.tracing.probes import Probes
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import RuleSampler
from services.tracing.settings import TracingSettings


class Guest:
    """Our processor in the application's own provider, added once and renewed after a fork."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self._processor = GuestProcessor()
        provider.add_span_processor(self._processor)

    @property
    def id_generator(self) -> IdGenerator:
        """The application's own."""
        return self.provider.id_generator

    def get_tracer(self, name: str) -> Tracer:
        """Return a tracer of the application's provider, for our server span: there is one trace then."""
        return self.provider.get_tracer(name)

    def make_recorder(
        self, name: str, rules: RuleSampler | None, settings: TracingSettings, probes: Probes | None = None
    ) -> GuestRecorder:
        """Return what records requests that no other instrumentation records."""
        return GuestRecorder(self.get_tracer(name), self.id_generator, rules, settings, probes)

    def renew(self, resource: Resource, sampler: Sampler, pipeline: Pipeline) -> None:
        """Take spans into `pipeline` from now on, those that `sampler` chooses where it is X-Ray's rules."""
        self._processor.renew(resource, sampler, pipeline)

    def stop_recording(self) -> None:
        """Take nothing any more, until `renew`."""
        self._processor.stop()

    def decision_of(self, span_id: int) -> Decision | None:
        """Return what was decided of a span of this process; None for any other."""
        return self._processor.decision_of(span_id)

    def problems(self) -> list[str]:
        """Return what is less than it could be, one line each."""
        if isinstance(self.id_generator, AwsXRayIdGenerator):
            return []
        problem = (
            f"the application's TracerProvider makes trace ids with {type(self.id_generator).__qualname__}:"
            " X-Ray takes them, but can't find such traces by the time in their id; give the provider"
            " id_generator=opentelemetry.sdk.extension.aws.trace.AwsXRayIdGenerator()"
        )
        return [problem]
