"""The X-Ray sink: each document in a datagram to the daemon."""

import errno
import logging
import socket
import time
from collections.abc import Callable, Collection, Sequence

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.segments import segment_documents
from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.datagrams import DatagramSender
from services.tracing.sending.shorten import encode_document
from services.tracing.sending.worker_counts import Cells
from xray.names import UDP_HEADER

REOPEN_AFTER_SECONDS = 5.0
SPANS_AT_ONCE = 32
PAUSE_SECONDS = 0.002
"""Datagrams that come faster than the daemon reads are lost in its buffer, unseen by both sides."""

_log = logging.getLogger(__name__)


class XRaySink:
    """Sends spans as segment documents over UDP. Used by one thread, the pipeline's.

    Sent means handed to the kernel, and not refused by the daemon's host so far. What is indexed becomes an
    annotation, see segment_documents.
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
        self._address = address
        self._indexed_attributes = indexed_attributes
        self._index_all_attributes = index_all_attributes
        self._clock = clock
        self._socket: socket.socket | None = None
        self._opened_at = float("-inf")
        self._sender: DatagramSender | None = None
        self.counters = SinkCounters(f"X-Ray daemon at udp {address[0]}:{address[1]}", cells)

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Send each span; what can't be sent is counted. Never raises."""
        for start in range(0, len(spans), SPANS_AT_ONCE):
            if start:
                time.sleep(PAUSE_SECONDS)
            self._send_together(spans[start : start + SPANS_AT_ONCE])
        self._look_for_refusal()

    def _send_together(self, spans: Sequence[ReadableSpan]) -> None:
        payloads: list[bytes] = []
        owners: list[int] = []
        for number, span in enumerate(spans):
            try:
                documents = self._payloads(span)
            except Exception as error:  # noqa: BLE001 (no span may stop the others)
                # The text of an error may hold what was in the span.
                _log.debug("a span has no document: %s", type(error).__name__)
                self.counters.dropped("untranslatable")
                continue
            payloads += documents
            owners += [number] * len(documents)
        causes, refusals = self._hand_over(payloads)
        failed = {owners[position]: cause for position, cause in causes.items()}
        self.counters.sent(len(set(owners)) - len(failed))
        for cause in failed.values():
            self.counters.dropped(cause)
        for _ in range(refusals):
            self._refused()

    def _payloads(self, span: ReadableSpan) -> list[bytes]:
        payloads = []
        for document in segment_documents(
            span,
            indexed_attributes=self._indexed_attributes,
            index_all_attributes=self._index_all_attributes,
        ):
            data, is_shortened = encode_document(document)
            if is_shortened:
                self.counters.shortened()
            payloads.append(UDP_HEADER + data)
        return payloads

    def _hand_over(self, payloads: Sequence[bytes]) -> tuple[dict[int, str], int]:
        """Hand datagrams to the kernel; return why some failed, and how many earlier ones were refused."""
        causes: dict[int, str] = {}
        position, refusals, refused_before = 0, 0, -1
        while position < len(payloads):
            sender = self._connected()
            if sender is None:
                causes.update(dict.fromkeys(range(position, len(payloads)), "unresolved"))
                break
            try:
                position += sender.send(payloads[position:])
                continue
            except ConnectionRefusedError:
                refusals += 1  # of an earlier datagram; this one has yet to be sent, once more
                if refused_before != position:
                    refused_before = position
                    continue
                causes[position] = "refused"
            except OSError as error:
                self._close()
                self.counters.down(f"{error.strerror or error}")
                causes[position] = "too_large" if error.errno == errno.EMSGSIZE else "send_failed"
            position += 1
        return causes, refusals

    def _refused(self) -> None:
        self.counters.lost("refused")
        self.counters.down("nothing listens there; start the daemon or correct AWS_XRAY_DAEMON_ADDRESS")

    def _look_for_refusal(self) -> None:
        """Ask for the last datagram's refusal, which no later datagram may bring to light."""
        if self._socket is None:
            return
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._refused()
        else:
            self.counters.up()

    def _connected(self) -> DatagramSender | None:
        now = self._clock()
        if self._sender is not None or now - self._opened_at < REOPEN_AFTER_SECONDS:
            return self._sender
        self._opened_at = now
        host, port = self._address
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.connect(address)
            self._sender = DatagramSender(self._socket)
        except (OSError, UnicodeError) as error:  # the latter: a name that no host can have
            self._close()
            reason = getattr(error, "strerror", None) or error
            self.counters.down(f"{reason}; correct AWS_XRAY_DAEMON_ADDRESS")
        return self._sender

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = self._sender = None

    def close(self, _deadline: float | None = None) -> None:
        """Close the socket; nothing is buffered on this side."""
        self._close()
