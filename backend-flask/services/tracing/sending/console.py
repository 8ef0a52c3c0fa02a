"""The console sink: each span as a line of JSON on standard output, for a first look."""

import logging
import sys
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.worker_counts import Cells

_log = logging.getLogger(__name__)


class ConsoleSink:
    """Writes spans to standard output. Used by one thread, the pipeline's."""

    def __init__(self, *, cells: Cells | None = None) -> None:
        self.counters = SinkCounters("the console", cells)

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Write each span; what can't be written is counted. Never raises."""
        for span in spans:
            try:
                line = span.to_json(indent=None) + "\n"
            except Exception as error:  # noqa: BLE001 (no span may stop the others)
                _log.debug("a span has no JSON: %s", type(error).__name__)
                self.counters.dropped("untranslatable")
                continue
            try:
                # In one piece: other threads write lines of the log to it.
                sys.stdout.write(line)
                sys.stdout.flush()
            except (OSError, ValueError) as error:
                self.counters.down(type(error).__name__)
                self.counters.dropped("send_failed")
            else:
                self.counters.up()
                self.counters.sent()

    def close(self, _deadline: float | None = None) -> None:
        """Do nothing: what was written is out already."""
