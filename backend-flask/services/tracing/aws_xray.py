"""The X-Ray sink: each document in a datagram to the daemon."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.segments import segment_documents
from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.daemon_socket import PAUSE_SECONDS, REFUSED, UNRESOLVED, DaemonSocket, Handed
from services.tracing.sending.shorten import encode_document
from services.tracing.sending.waiting_spans import Datagrams, WaitingSpans
from services.tracing.sending.worker_counts import Cells
from xray.names import UDP_HEADER

SPANS_AT_ONCE = 32
FIRST_RETRY_SECONDS = 0.25
RETRY_MAX_SECONDS = 2.0
UP_AFTER_SECONDS = 3.0
"""Refusals may come long after the datagram: so long there was none while some were sent, then it is back."""
LAST_LOOK_UP_SECONDS = 0.5
"""At the stop, for the look-up of the daemon's name; Honeycomb's deadline is the same."""
_NOTHING_LISTENS = "nothing listens there; start the daemon or correct AWS_XRAY_DAEMON_ADDRESS"

_log = logging.getLogger(__name__)


class XRaySink:
    """Sends spans as segment documents over UDP. Used by one thread, the pipeline's, but for `close`.

    Sent means handed to the kernel, and not refused by the daemon's host so far. What is refused, or can't be
    sent, waits for another try within limits, see WaitingSpans; then it is dropped. What is indexed becomes
    an annotation, see segment_documents.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        indexed_attributes: Collection[str] = (),
        index_all_attributes: bool = False,
        cells: Cells | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._indexed_attributes = indexed_attributes
        self._index_all_attributes = index_all_attributes
        self._clock = clock
        self._daemon = DaemonSocket(address, clock)
        self._waiting = WaitingSpans()
        self._cause = UNRESOLVED  # of what waits
        self._retry_at = 0.0
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._is_down = False
        self._works_since: float | None = None
        self._is_closed = False
        self._lock = threading.Lock()
        self.counters = SinkCounters(f"X-Ray daemon at udp {address[0]}:{address[1]}", cells)

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Send each span; what can't be sent is counted. Never raises."""
        with self._lock:
            if self._is_closed:
                self.counters.dropped("stopped", len(spans))
                return
            self._send_waiting()
            for start in range(0, len(spans), SPANS_AT_ONCE):
                if start and not self._waiting:
                    time.sleep(PAUSE_SECONDS)
                self._send_together(spans[start : start + SPANS_AT_ONCE])

    def tick(self) -> None:
        """Try again what waits, and hear of refusals that came late; to be called about once a second."""
        with self._lock:
            if not self._is_closed:
                self._send_waiting()
                self._hear_of_refusal()

    def _send_together(self, spans: Sequence[ReadableSpan]) -> None:
        if self._waiting.is_full:
            self.counters.dropped(self._cause, len(spans))
            return
        encoded = []
        for span in spans:
            try:
                datagrams = self._datagrams(span)
            except Exception as error:  # noqa: BLE001 (no span may stop the others)
                # The text of an error may hold what was in the span.
                _log.debug("a span has no document: %s", type(error).__name__)
                datagrams = []
            if datagrams:
                encoded.append(datagrams)
            else:
                self.counters.dropped("untranslatable")
        left = encoded if self._waiting else self._hand_over(encoded)
        if left:
            self.counters.dropped(self._cause, self._waiting.add(left, self._clock()))

    def _datagrams(self, span: ReadableSpan) -> Datagrams:
        datagrams = []
        for document in segment_documents(
            span,
            indexed_attributes=self._indexed_attributes,
            index_all_attributes=self._index_all_attributes,
        ):
            data, is_shortened = encode_document(document)
            if is_shortened:
                self.counters.shortened()
            datagrams.append(UDP_HEADER + data)
        return datagrams

    def _send_waiting(self) -> None:
        """Try again what waits, where it is time for it, and give up what has waited too long."""
        if not self._waiting:
            return
        if self._clock() >= self._retry_at or self._daemon.has_moved:
            while spans := self._waiting.take(SPANS_AT_ONCE):
                if left := self._hand_over([datagrams for _, datagrams in spans]):
                    times = [give_up_at for give_up_at, _ in spans[-len(left) :]]
                    self._waiting.put_back(list(zip(times, left, strict=True)))
                    break
                time.sleep(PAUSE_SECONDS)
        self.counters.dropped(self._cause, self._waiting.give_up(self._clock()))

    def _hand_over(self, spans: Sequence[Datagrams]) -> list[Datagrams]:
        """Hand spans to the kernel, and count those; return the others, without what it has of them."""
        if not spans:
            return []
        handed = self._daemon.send([datagram for datagrams in spans for datagram in datagrams])
        if handed.is_whole:
            self.counters.sent(len(spans))
            self._works()
            return []
        self.counters.lost(REFUSED, handed.refused_before)
        if handed.is_refused:
            self._fails(_NOTHING_LISTENS)
        elif handed.reason:
            remedy = "; correct AWS_XRAY_DAEMON_ADDRESS" if handed.cause == UNRESOLVED else ""
            self._fails(handed.reason + remedy)
        if handed.cause:
            self._cause = handed.cause
        if handed.cause and handed.cause != UNRESOLVED:  # whose look-ups keep their own distance
            self._retry_at = self._clock() + self._retry_seconds
            self._retry_seconds = min(RETRY_MAX_SECONDS, 2 * self._retry_seconds)
        return self._count(spans, handed)

    def _count(self, spans: Sequence[Datagrams], handed: Handed) -> list[Datagrams]:
        left = []
        position = sent = 0
        for datagrams in spans:
            end = position + len(datagrams)
            if not handed.too_large.isdisjoint(range(position, end)):
                self.counters.dropped("too_large")
            elif end <= handed.taken:
                sent += 1
            else:
                left.append(datagrams[max(0, handed.taken - position) :])
            position = end
        self.counters.sent(sent)
        return left

    def _hear_of_refusal(self) -> None:
        if self._daemon.was_refused():
            self.counters.lost(REFUSED)
            self._fails(_NOTHING_LISTENS)
        elif self._works_since is not None:
            self._works()

    def _fails(self, reason: str) -> None:
        self._is_down = True
        self._works_since = None
        self.counters.down(reason)

    def _works(self) -> None:
        self._retry_seconds = FIRST_RETRY_SECONDS
        if not self._is_down:
            return
        now = self._clock()
        if self._works_since is None:
            self._works_since = now
        elif now - self._works_since >= UP_AFTER_SECONDS:
            self._is_down, self._works_since = False, None
            self.counters.up()

    def flush(self, _deadline: float) -> bool:
        """Do nothing: a batch is with the kernel, or waits for the daemon, when `send` returns."""
        return True

    def close(self, deadline: float | None = None) -> None:
        """Try a last time what waits, then count it as dropped, and close the socket.

        Until `deadline` (monotonic seconds): a thread that still sends then keeps the socket.
        """
        seconds = LAST_LOOK_UP_SECONDS if deadline is None else max(0.0, deadline - time.monotonic())
        if not self._lock.acquire(timeout=seconds):
            return
        try:
            if self._waiting:
                self._daemon.wait_for_name(min(LAST_LOOK_UP_SECONDS, seconds))
                self._retry_at = float("-inf")
                self._send_waiting()
            self._hear_of_refusal()
            self.counters.dropped(self._cause, len(self._waiting.take(len(self._waiting))))
            self._is_closed = True
            self._daemon.close()
        finally:
            self._lock.release()
