"""Sending one batch as OTLP: tries and their limits, what an answer means, a key that is no more accepted."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.otlp import BODY_MAX_BYTES, compress, encode, rejected_spans
from services.tracing.sending.otlp_target import Target
from services.tracing.sending.retry_after import backoff_seconds, retry_after_seconds
from services.tracing.sending.stop_clock import StopClock

if TYPE_CHECKING:
    import requests

ATTEMPTS_MAX = 5
CONNECT_TIMEOUT_SECONDS = 3.0
ANSWER_TIMEOUT_SECONDS = 10.0
LOOK_MAX_SECONDS = 15.0
_OK, _UNAUTHORISED, _TOO_LARGE, _TOO_MANY = 200, 401, 413, 429

_log = logging.getLogger(__name__)


class OtlpSender:
    """Posts batches to the target. Used by one thread, the sink's; `take` by another.

    `ask_for_look` asks for a look at the parameters, and returns in how many seconds it begins. `has_room`
    tells whether others can still wait behind the batch that is being sent. `counted` is how many spans were
    sent or dropped here.
    """

    def __init__(
        self, target: Target, clock: StopClock, counters: SinkCounters, *, is_compressed: bool = True
    ) -> None:
        self.ask_for_look: Callable[[], float] | None = None
        self.has_room: Callable[[], bool] = _always
        self.counted = 0
        self._target = target
        self._clock = clock
        self._counters = counters
        self._is_compressed = is_compressed
        self._looks = 0
        self._has_said_unauthorised = False

    def take(self, target: Target | None) -> None:
        """After a look at the parameters: post to `target` from now on; None where nothing is new."""
        with self._clock.changed:
            self._looks += 1
            if target is not None:
                self._target = target
                self._has_said_unauthorised = False
                self._counters.name = target.name
            self._clock.changed.notify_all()

    def send(self, session: "requests.Session", spans: Sequence[ReadableSpan]) -> None:
        """Send a batch, in halves where it is too large; what can't be sent is counted by cause."""
        body, unencodable, shortened = encode(spans)
        count = len(spans) - unencodable
        is_too_large = len(body) > BODY_MAX_BYTES
        cause = ""
        if count and not (is_too_large and len(spans) > 1):
            cause = self._post(session, body, count)
            is_too_large = cause == str(_TOO_LARGE)
        if is_too_large and len(spans) > 1:
            middle = len(spans) // 2
            self.send(session, spans[:middle])
            self.send(session, spans[middle:])
            return
        self._dropped("unencodable", unencodable)
        self._counters.shortened(shortened)
        if cause:
            self._dropped(cause, count)

    def _post(self, session: "requests.Session", body: bytes, count: int) -> str:
        """Post until it is taken; return the cause where it is not, empty where it is."""
        cause = ""
        data = compress(body) if self._is_compressed else body
        for attempt in range(ATTEMPTS_MAX):
            target = self._target
            cause, wait = self._try(session, target, data, count, attempt)
            if not cause or attempt + 1 == ATTEMPTS_MAX:
                break
            if cause == str(_UNAUTHORISED):
                if not self._has_new_target(target):
                    break
            elif wait is None or not self._clock.wait(wait):
                break
        return cause

    def _try(
        self, session: "requests.Session", target: Target, data: bytes, count: int, attempt: int
    ) -> tuple[str, float | None]:
        """Post once; return why it failed (empty: it did not) and how long to wait before the next try."""
        import requests

        from services.tracing.sending.bounded_http import body_of

        headers = {
            "User-Agent": "traced-backend",
            **target.headers,
            "Content-Type": "application/x-protobuf",
            **({"Content-Encoding": "gzip"} if self._is_compressed else {}),
        }
        answer_seconds = target.timeout_seconds or ANSWER_TIMEOUT_SECONDS
        connect_seconds = min(CONNECT_TIMEOUT_SECONDS, target.timeout_seconds or CONNECT_TIMEOUT_SECONDS)
        timeouts = self._clock.at_most(connect_seconds), self._clock.at_most(answer_seconds)
        try:
            with session.post(
                target.url, data, headers=headers, timeout=timeouts, allow_redirects=False, stream=True
            ) as response:
                status, answer = response.status_code, body_of(response)
                retry_after = response.headers.get("Retry-After")
        except requests.Timeout:
            self._counters.down("no answer in time")
            return "timeout", backoff_seconds(attempt)
        except requests.ConnectionError:
            self._counters.down("it can't be reached")
            return "unreachable", backoff_seconds(attempt)
        except requests.RequestException as error:
            self._counters.down(type(error).__name__)
            return "invalid_request", None
        if status == _OK:
            self._accepted(answer, count)
            return "", None
        self._refused(target, status)
        if status == _TOO_MANY or status >= 500:
            return str(status), max(backoff_seconds(attempt), retry_after_seconds(retry_after) or 0.0)
        return str(status), None

    def _accepted(self, answer: bytes, count: int) -> None:
        self._counters.up()
        self._has_said_unauthorised = False
        rejected, reason = rejected_spans(answer)
        rejected = max(0, min(rejected, count))
        if rejected:
            _log.warning("the OTLP back end rejected %d spans: %s", rejected, reason[:200])
            self._dropped("rejected", rejected)
        self._counters.sent(count - rejected)
        self.counted += count - rejected

    def _dropped(self, cause: str, spans: int) -> None:
        self._counters.dropped(cause, spans)
        self.counted += spans

    def _refused(self, target: Target, status: int) -> None:
        is_unauthorised = status == _UNAUTHORISED
        if is_unauthorised and not self._has_said_unauthorised:
            self._has_said_unauthorised = True
            remedy = (
                "Put a valid ingest key into the parameter honeycomb/api-key (make rotate-honeycomb-key):"
                " it is taken up without a restart"
                if target.has_loaded_key
                else "Put a valid key into OTEL_EXPORTER_OTLP_HEADERS, and restart"
            )
            _log.error("%s does not accept the key (401). %s.", target.url, remedy)
        self._counters.down(f"it answers {status}", is_said=is_unauthorised)

    def _has_new_target(self, refused: Target) -> bool:
        """After a 401: tell whether there is another target, waited for look by look while there is room."""
        while self._target is refused and self.ask_for_look is not None:
            looks = self._looks
            wait = self.ask_for_look()
            begins_at = time.monotonic() + wait
            self._clock.wait_for(partial(self._is_looked_for, looks, begins_at), wait + LOOK_MAX_SECONDS)
            if self._looks == looks:
                break
        return self._target is not refused

    def _is_looked_for(self, looks: int, begins_at: float) -> bool:
        """Tell whether a look has ended, or can't be waited for: a stop comes first, or room is out."""
        if self._looks != looks:
            return True
        is_stopping = self._clock.stop_at is not None
        return time.monotonic() < begins_at and (is_stopping or not self.has_room())


def _always() -> bool:
    return True
