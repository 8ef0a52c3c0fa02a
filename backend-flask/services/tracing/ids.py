"""Trace and span ids that are valid for X-Ray."""

from contextvars import ContextVar, Token

from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator

_given: ContextVar[int | None] = ContextVar("given-trace-id", default=None)


class TraceIds(AwsXRayIdGenerator):
    """AWS's generator, which also takes a trace id that a caller gave without a parent.

    OpenTelemetry has no other place for it: a root span asks its generator, and only that.
    """

    def generate_trace_id(self) -> int:
        """Return the given trace id, else a new one: epoch seconds in 32 bits, then 96 random ones."""
        return _given.get() or int(super().generate_trace_id())


def give_trace_id(trace_id: int) -> Token[int | None]:
    """Let the next root span of this context have `trace_id`, until `take_back`."""
    return _given.set(trace_id)


def take_back(token: Token[int | None]) -> None:
    """End what `give_trace_id` began."""
    _given.reset(token)
