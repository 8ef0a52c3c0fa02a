"""``python -m bench.variant <name> <requests> sampled|unsampled``: one variant, in a process of its own.

Prints one JSON object: CPU seconds of the whole process for each request.

plain       Flask alone
ours        the backend's tracing, resources read from the (local) cloud
otel        OpenTelemetry's Flask instrumentation and OTLP exporter: one sink
double      the same, with aws_xray_sdk's middleware and recorder beside it: the usual way to two sinks
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING, Any

from bench.application import cpu_seconds, create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask

SETTLE_MILLISECONDS = 30_000
SETTLE_POLL_SECONDS = 0.1


def _plain(_sampled: bool) -> tuple[Flask, Callable[[], None]]:
    return create_app(nullcontext), lambda: None


def _ours(_sampled: bool) -> tuple[Flask, Callable[[], None]]:
    from opentelemetry import trace

    from services.tracing import init_tracing
    from services.tracing.settings import TracingSettings

    app = create_app(lambda: tracer.start_as_current_span("work"))
    tracing = init_tracing(app, TracingSettings.from_environment(os.environ))
    tracing.start()
    tracer = trace.get_tracer("bench")  # not before: the others' tracers are no proxies either

    def settle() -> None:
        deadline = time.monotonic() + SETTLE_MILLISECONDS / 1000
        _flush(trace.get_tracer_provider())
        while True:
            status = tracing.status()
            recorded = status["queue"]["recorded"]
            if all(sink["sent"] == recorded for sink in status["sinks"].values()):
                return
            if status["queue"]["dropped"] or time.monotonic() > deadline:
                raise RuntimeError(f"not everything was sent: {status['queue']}, {status['sinks']}")
            time.sleep(SETTLE_POLL_SECONDS)

    return app, settle


def _otel_provider(sampled: bool) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

    provider = TracerProvider(
        sampler=ALWAYS_ON if sampled else ALWAYS_OFF, resource=Resource.create({"service.name": "bench-otel"})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _otel(sampled: bool) -> tuple[Flask, Callable[[], None]]:
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    provider = _otel_provider(sampled)
    tracer = provider.get_tracer("bench")
    app = create_app(lambda: tracer.start_as_current_span("work"))
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider)  # type: ignore[no-untyped-call]
    return app, lambda: _flush(provider)


def _double(sampled: bool) -> tuple[Flask, Callable[[], None]]:
    from aws_xray_sdk.core import xray_recorder
    from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    rules = {"version": 2, "rules": [], "default": {"fixed_target": 0, "rate": 0.0}}
    xray_recorder.configure(service="bench-double", sampling=not sampled, sampling_rules=rules)
    if not sampled:
        from aws_xray_sdk.core.sampling.local.sampler import LocalSampler

        xray_recorder.configure(sampler=LocalSampler(rules))
    provider = _otel_provider(sampled)
    tracer = provider.get_tracer("bench")

    def work() -> AbstractContextManager[Any]:
        stack = ExitStack()
        stack.enter_context(tracer.start_as_current_span("work"))
        stack.enter_context(xray_recorder.in_subsegment("work"))
        return stack

    app = create_app(work)
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider)  # type: ignore[no-untyped-call]
    XRayMiddleware(app, xray_recorder)
    return app, lambda: _flush(provider)


def _flush(provider: Any) -> None:
    if not provider.force_flush(SETTLE_MILLISECONDS):
        raise RuntimeError("OpenTelemetry's processor did not empty its queue")


VARIANTS = {"plain": _plain, "ours": _ours, "otel": _otel, "double": _double}


def main(arguments: list[str]) -> int:
    """Run the variant named, sampled or not, and print what a request costs."""
    name, requests, sampled = arguments[0], int(arguments[1]), arguments[2] == "sampled"
    app, settle = VARIANTS[name](sampled)
    seconds = cpu_seconds(app, requests, settle)
    sys.stdout.write(json.dumps({"cpu_seconds_per_request": seconds}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
