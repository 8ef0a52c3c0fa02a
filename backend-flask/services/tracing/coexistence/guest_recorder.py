"""Recording a request with a tracer of the application's own provider."""

from dataclasses import replace

from opentelemetry.context import Context

from services.tracing.propagation import Incoming
from services.tracing.recorder import Recorder


class GuestRecorder(Recorder):
    """Makes the server span whatever X-Ray's rules decided: the application's exporters have their sampler.

    The decision travels in the context to the processor, which takes the spans that were chosen.
    """

    records_what_is_not_chosen = True

    def context_of_caller(self, incoming: Incoming) -> Context:
        """Return the context; what the caller left open is no "no", which most samplers would take it for."""
        told = incoming if incoming.sampled is not None else replace(incoming, sampled=True)
        return super().context_of_caller(told)
