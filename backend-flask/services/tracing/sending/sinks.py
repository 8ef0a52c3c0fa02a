"""Which sinks are at work in which mode."""

from collections.abc import Mapping

from services.tracing.aws_xray import XRaySink
from services.tracing.honeycomb import HoneycombSink
from services.tracing.sending.console import ConsoleSink
from services.tracing.sending.otlp_target import Target
from services.tracing.sending.worker_counts import Cells, own_slot
from services.tracing.settings import DIRECT, OTLP, TracingSettings

XRAY, HONEYCOMB, CONSOLE = "xray", "honeycomb", "console"

AnySink = XRaySink | HoneycombSink | ConsoleSink


def make_sinks(settings: TracingSettings, target: Target) -> Mapping[str, AnySink]:
    """Return the sinks by name; spans go to OTLP first, which only queues them, to the slow console last.

    The daemon is for `direct` mode alone. Only in `otlp` mode OTEL_TRACES_EXPORTER decides whether OTLP is
    sent, see `exporter_notes`.
    """
    sinks: dict[str, AnySink] = {}
    if settings.mode != OTLP or "otlp" in settings.exporters:
        sinks[HONEYCOMB] = HoneycombSink(
            target,
            is_compressed=settings.is_compressed,
            cells=_cells(HONEYCOMB),
            capacity=settings.queue.spans,
            batch=settings.queue.batch_spans,
        )
    if settings.mode == DIRECT:
        sinks[XRAY] = XRaySink(
            settings.daemon.udp,
            indexed_attributes=settings.indexed_attributes,
            index_all_attributes=settings.index_all_attributes,
            cells=_cells(XRAY),
        )
    if CONSOLE in settings.exporters:
        sinks[CONSOLE] = ConsoleSink(cells=_cells(CONSOLE))
    return sinks


def exporter_notes(settings: TracingSettings) -> list[str]:
    """Return a line where OTEL_TRACES_EXPORTER asks for less than the mode sends."""
    if settings.mode == OTLP or "otlp" in settings.exporters:
        return []
    note = (
        f"OTEL_TRACES_EXPORTER={','.join(settings.exporters)} takes nothing away in mode {settings.mode}:"
        " OTLP is sent all the same; add otlp to it, or set OTEL_SDK_DISABLED=true to record nothing"
    )
    return [note]


def _cells(name: str) -> Cells | None:
    slot = own_slot()
    return None if slot is None else slot.sink(name)
