"""Rollbar as a destination: the rollbar package makes the items, our own thread posts them.

Source: Rollbar API reference, "Create an item"; pyrollbar's configuration.
"""

import json
import logging
from collections.abc import Sequence
from contextvars import Context
from typing import Any

from services.logging.request_formatter import request_context
from services.logging.rollbar_privacy import cleaned
from services.logging.settings import LoggingSettings
from services.logging.shipping import Bounds, DeliveryError, Shipper, ShippingHandler
from services.tracing.sending.retry_after import retry_after_seconds

BOUNDS = Bounds(
    items=200, bytes=8 * 1024 * 1024, batch_items=1, batch_bytes=1024 * 1024, interval_seconds=0.0
)
ITEM_MAX_BYTES = 256 * 1024
TIMEOUT_SECONDS = (2, 5)

# The package wants one before it makes an item. The real one goes into a header, and nowhere else.
_NO_TOKEN = "sent-as-a-header"  # noqa: S105


class Rollbar:
    """A project of Rollbar's that items are posted to, one a request."""

    name = "Rollbar"

    def __init__(self, settings: LoggingSettings, access_token: str) -> None:
        self._url = f"{settings.rollbar_url}/item/"
        self._headers = {"Content-Type": "application/json", "X-Rollbar-Access-Token": access_token}
        self._session: Any = None

    def send(self, items: Sequence[bytes]) -> int:
        """Post one item."""
        import requests

        if self._session is None:
            self._session = requests.Session()
        try:
            answer = self._session.post(
                self._url,
                data=items[0],
                headers=self._headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise DeliveryError(
                f"{type(error).__name__}: check the network and ROLLBAR_API_ENDPOINT", cause="unreachable"
            ) from None
        if answer.status_code != requests.codes.ok:
            raise _refused(answer)
        return 0


def _refused(answer: Any) -> DeliveryError:
    status = int(answer.status_code)
    remedy = "check the access token" if status in {401, 403} else "see Rollbar's status page"
    return DeliveryError(
        f"HTTP {status}: {remedy}",
        cause=str(status),
        is_final=status < 500 and status not in {408, 429},
        wait_seconds=retry_after_seconds(answer.headers.get("Retry-After")),
    )


class RollbarHandler(ShippingHandler):
    """Makes an item of each error. What the package makes comes to `_take_payload`, and goes no other way."""

    def __init__(self, shipper: Shipper, *, environment: str, code_version: str) -> None:
        super().__init__(shipper, logging.ERROR)
        import rollbar
        from rollbar.lib import events

        self._rollbar, self._events = rollbar, events
        self._payload_data = {"environment": environment, "code_version": code_version}
        rollbar.init(
            _NO_TOKEN,
            environment,
            handler="blocking",
            allow_logging_basic_config=False,
            suppress_reinit_warning=True,
            capture_ip=False,
            include_request_body=False,
            log_payload_on_error=False,
            locals={"enabled": False},
        )
        events.add_payload_handler(self._take_payload)

    def take(self, record: logging.LogRecord) -> None:
        """Report a record of now."""
        self.report(record, request_context())

    def report(self, record: logging.LogRecord, context: dict[str, object]) -> None:
        """Report a record; the package's own are left out, or it would report that it can't report."""
        if record.name.partition(".")[0] == "rollbar":
            return
        fields = {"logger": record.name, **context}
        level = "critical" if record.levelno >= logging.CRITICAL else "error"
        if record.exc_info and record.exc_info[1] is not None:
            data = {**self._payload_data, "title": record.getMessage()[:255]}
            self._apart(self._rollbar.report_exc_info, record.exc_info, None, fields, data, level)
        else:
            self.report_message(record.getMessage(), level, fields)

    def report_message(self, message: str, level: str, fields: dict[str, object] | None = None) -> None:
        """Report a message, with the current trace and request."""
        more = fields if fields is not None else request_context()
        self._apart(self._rollbar.report_message, message, level, None, more, dict(self._payload_data))

    def close(self) -> None:
        """Leave the package as it was."""
        self._events.remove_payload_handler(self._take_payload)
        super().close()

    def _apart(self, report: Any, *arguments: Any) -> None:
        """Report outside of the request: the package would look at it, its body and cookies included."""
        Context().run(report, *arguments)

    def _take_payload(self, payload: dict[str, Any], **_more: Any) -> bool:
        """Take over what would be sent; False tells the package that there is nothing to send."""
        item = json.dumps(cleaned(payload), default=repr).encode()
        if len(item) > ITEM_MAX_BYTES:
            self.shipper.drop("too_large")
        else:
            self.shipper.put(item, len(item))
        return False
