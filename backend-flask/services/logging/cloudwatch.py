"""CloudWatch Logs as a destination: watchtower's batches, sent from our own thread.

Source: CloudWatch Logs API reference, PutLogEvents (limits of a batch and of an event).
"""

import json
import logging
import os
import platform
import re
from collections.abc import Sequence
from typing import Any

from services.logging.request_formatter import RequestFormatter
from services.logging.settings import LoggingSettings
from services.logging.shipping import Bounds, DeliveryError, Shipper, ShippingHandler

EVENT_MAX_BYTES = 256 * 1024
EVENT_EXTRA_BYTES = 26
BATCH_MAX_BYTES = 1024 * 1024
BATCH_MAX_EVENTS = 10_000
BOUNDS = Bounds(
    items=20_000, bytes=16 * 1024 * 1024, batch_items=BATCH_MAX_EVENTS, batch_bytes=BATCH_MAX_BYTES
)
CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5

_NOT_IN_STREAM = re.compile(r"[:*\s]")
_REMEDIES = {
    "AccessDeniedException": "allow logs:CreateLogStream and logs:PutLogEvents on it",
    "ResourceNotFoundException": "the group does not exist; apply the unit logs (make apply)",
}


class CloudWatch:
    """A log group, with a stream for this process alone. The group is never made here."""

    name = "CloudWatch"

    def __init__(self, settings: LoggingSettings) -> None:
        self._settings = settings
        self.group_name = settings.group_name
        self.stream_name = _NOT_IN_STREAM.sub("_", f"{platform.node() or 'host'}/{os.getpid()}")[:512]
        self._writer: Any = None

    def send(self, items: Sequence[dict[str, Any]]) -> int:
        """Put a batch of events; return how many CloudWatch rejected as too old or too new."""
        if self._writer is None:
            # Imported here: botocore costs a third of a second, and may come only after gevent's patch.
            from services.logging.cloudwatch_writer import CloudWatchWriter

            self._writer = CloudWatchWriter(self.group_name or "", self.stream_name, _client(self._settings))
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            rejected: int = self._writer.put(items)
        except ClientError as error:
            raise self._refused(error) from None
        except BotoCoreError as error:
            raise DeliveryError(
                f"{type(error).__name__}: check the network, AWS_REGION and AWS_ENDPOINT_URL",
                cause="unreachable",
            ) from None
        return rejected

    def _refused(self, error: Any) -> DeliveryError:
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        remedy = _REMEDIES.get(code, "see CloudWatch Logs' API reference")
        is_final = code in {"InvalidParameterException", "ValidationException"}
        return DeliveryError(f"{code} for {self.group_name}: {remedy}", cause=code, is_final=is_final)


class CloudWatchHandler(ShippingHandler):
    """Makes an event of each record: the line that standard output gets."""

    def __init__(self, shipper: Shipper) -> None:
        super().__init__(shipper)
        self.setFormatter(RequestFormatter())

    def take(self, record: logging.LogRecord) -> None:
        """Put the record's line."""
        line = event_message(self.format(record))
        event = {"timestamp": int(record.created * 1000), "message": line}
        self.shipper.put(event, len(line) + EVENT_EXTRA_BYTES)


def event_message(line: str) -> str:
    """Return a line, which is ASCII, as CloudWatch takes it: one that is too long is cut, and still JSON."""
    if len(line) <= EVENT_MAX_BYTES - EVENT_EXTRA_BYTES:
        return line
    # Quoted once more, a character takes at most two.
    return json.dumps({"bytes": len(line), "truncated": line[: EVENT_MAX_BYTES // 2 - 100]})


def _client(settings: LoggingSettings) -> Any:
    import botocore.session
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 1},
    )
    return botocore.session.Session().create_client(
        "logs", region_name=settings.region, endpoint_url=settings.endpoint_url, config=config
    )
