"""The Honeycomb sink, or any other OTLP back end: batches over HTTP, on a thread of its own."""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.background import start_thread
from services.tracing.counters import SinkCounters
from services.tracing.otlp import BODY_MAX_BYTES, compress, encode, rejected_spans
from services.tracing.retry_after import backoff_seconds, retry_after_seconds

if TYPE_CHECKING:
    import requests

WAITING_SPANS_MAX = 8192
ATTEMPTS_MAX = 5
CONNECT_TIMEOUT_SECONDS = 3.0
READ_TIMEOUT_SECONDS = 10.0
_TOO_MANY, _UNAUTHORISED = 429, 401

_log = logging.getLogger(__name__)


class HoneycombSink:
    """Posts spans to `url` as OTLP. A batch is tried a few times, then dropped and counted by cause."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = dict(headers)
        self._waiting: deque[Sequence[ReadableSpan]] = deque()
        self._waiting_spans = 0
        self._changed = threading.Condition()
        self._is_busy = False
        self._stop_at: float | None = None
        self._has_said_unauthorised = False
        self._thread: threading.Thread | None = None
        self.counters = SinkCounters(f"OTLP back end at {url}")

    def start(self) -> None:
        """Start sending in the background."""
        # Two threads that import requests at once meet its circular imports half done: it is imported first.
        import requests  # noqa: F401

        self._thread = start_thread("otlp-sender", self._run)

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Hand a batch over; never waits. Where too much is waiting it is dropped and counted."""
        with self._changed:
            if self._waiting_spans + len(spans) > WAITING_SPANS_MAX:
                cause = "queue_full"
            elif self._stop_at is not None:
                cause = "stopped"
            else:
                self._waiting.append(spans)
                self._waiting_spans += len(spans)
                self._changed.notify_all()
                return
        self.counters.dropped(cause, len(spans))

    def flush(self, deadline: float) -> bool:
        """Wait until all is sent or dropped, at most until `deadline` (monotonic seconds)."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._is_busy, max(0.0, deadline - time.monotonic())
            )

    def close(self, deadline: float) -> None:
        """Send what waits until `deadline` (monotonic seconds), then count the rest as dropped."""
        with self._changed:
            self._stop_at = deadline
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            rest = self._waiting_spans
            self._waiting.clear()
            self._waiting_spans = 0
        self.counters.dropped("stopped", rest)

    def _run(self) -> None:
        import requests

        with requests.Session() as session:
            session.auth = _no_credentials
            while (spans := self._next()) is not None:
                try:
                    self._send(session, spans)
                except Exception as error:  # noqa: BLE001 (the thread must outlive any batch)
                    # The text of an error may hold the headers, and these a key.
                    _log.error("OTLP back end: unexpected %s", type(error).__name__)
                    self.counters.dropped("unexpected_error", len(spans))
                with self._changed:
                    self._is_busy = False
                    self._changed.notify_all()

    def _next(self) -> Sequence[ReadableSpan] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stop_at is not None)
            if not self._waiting:
                return None
            spans = self._waiting.popleft()
            self._waiting_spans -= len(spans)
            self._is_busy = True
            return spans

    def _send(self, session: "requests.Session", spans: Sequence[ReadableSpan]) -> None:
        body, unencodable = encode(spans)
        if len(body) > BODY_MAX_BYTES and len(spans) > 1:
            middle = len(spans) // 2
            self._send(session, spans[:middle])
            self._send(session, spans[middle:])
            return
        self.counters.dropped("unencodable", unencodable)
        count = len(spans) - unencodable
        if count:
            self._post(session, compress(body), count)

    def _post(self, session: "requests.Session", body: bytes, count: int) -> None:
        cause = ""
        for attempt in range(ATTEMPTS_MAX):
            cause, wait = self._try(session, body, count, attempt)
            if not cause:
                return
            if wait is None or attempt + 1 == ATTEMPTS_MAX or not self._wait(wait):
                break
        self.counters.dropped(cause, count)

    def _try(
        self, session: "requests.Session", body: bytes, count: int, attempt: int
    ) -> tuple[str, float | None]:
        """Post once; return why it failed (empty: it did not) and how long to wait before the next try."""
        import requests

        headers = {
            "User-Agent": "traced-backend",
            **self._headers,
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "gzip",
        }
        try:
            with session.post(
                self._url, body, headers=headers, timeout=self._timeouts(), allow_redirects=False
            ) as response:
                status, answer = response.status_code, response.content[:4096]
                retry_after = response.headers.get("Retry-After")
        except requests.Timeout:
            self.counters.down("no answer in time")
            return "timeout", backoff_seconds(attempt)
        except requests.ConnectionError:
            self.counters.down("it can't be reached")
            return "unreachable", backoff_seconds(attempt)
        except requests.RequestException as error:
            self.counters.down(type(error).__name__)
            return "invalid_request", None
        if status == 200:
            self._accepted(answer, count)
            return "", None
        self._refused(status)
        if status == _TOO_MANY or status >= 500:
            wait = retry_after_seconds(retry_after)
            return str(status), backoff_seconds(attempt) if wait is None else wait
        return str(status), None

    def _accepted(self, answer: bytes, count: int) -> None:
        self.counters.up()
        self._has_said_unauthorised = False
        rejected, reason = rejected_spans(answer)
        rejected = min(rejected, count)
        if rejected:
            _log.warning("the OTLP back end rejected %d spans: %s", rejected, reason[:200])
            self.counters.dropped("rejected", rejected)
        self.counters.sent(count - rejected)

    def _refused(self, status: int) -> None:
        is_unauthorised = status == _UNAUTHORISED
        if is_unauthorised and not self._has_said_unauthorised:
            self._has_said_unauthorised = True
            _log.error(
                "%s does not accept the key (401). Put a valid ingest key into the parameter"
                " honeycomb/api-key (make rotate-honeycomb-key) or OTEL_EXPORTER_OTLP_HEADERS, and restart.",
                self._url,
            )
        self.counters.down(f"it answers {status}", is_said=is_unauthorised)

    def _timeouts(self) -> tuple[float, float]:
        if self._stop_at is None:
            return CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
        left = max(0.1, self._stop_at - time.monotonic())
        return min(CONNECT_TIMEOUT_SECONDS, left), min(READ_TIMEOUT_SECONDS, left)

    def _wait(self, seconds: float) -> bool:
        """Wait before the next try; False where stopping leaves no time for it."""
        until = time.monotonic() + seconds
        with self._changed:
            while (left := until - time.monotonic()) > 0:
                if self._stop_at is not None and until >= self._stop_at:
                    return False
                self._changed.wait(left)
        return True


def _no_credentials(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Keep requests from taking credentials out of ~/.netrc."""
    return request
