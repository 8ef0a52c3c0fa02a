"""watchtower's way of putting a batch (it makes the stream, sorts, finds the token), with failures told."""

import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from watchtower import CloudWatchLogHandler, WatchtowerWarning

ATTEMPTS = 2
"""One finds that the stream is missing, the next one writes. Waiting and trying again is the shipper's."""

# watchtower's only way to tell of a failure, and not one line for each failure: `put` raises instead.
warnings.filterwarnings("ignore", category=WatchtowerWarning)


class CloudWatchWriter(CloudWatchLogHandler):
    """Writes to one stream of a group that exists. Is given to no logger: lines reach it in batches."""

    def __init__(self, group_name: str, stream_name: str, client: Any) -> None:
        self._outcome = _Outcome(client)
        super().__init__(
            log_group_name=group_name,
            log_stream_name=stream_name,
            use_queues=False,
            boto3_client=self._outcome,  # type: ignore[arg-type]
            create_log_group=False,
        )
        self.sequence_tokens[stream_name] = None

    def put(self, events: Sequence[dict[str, Any]]) -> int:
        """Put a batch; return how many of it CloudWatch rejected.

        Raises:
            ClientError, BotoCoreError: nothing was written.
        """
        outcome = self._outcome
        outcome.reset()
        # Raised where warnings are errors; what it was about is noted in any case.
        with suppress(WatchtowerWarning):
            self._submit_batch(list(events), self.log_stream_name, max_retries=ATTEMPTS)  # type: ignore[no-untyped-call]
        if outcome.error is not None:
            raise outcome.error
        return _rejected(outcome.rejected, len(events))


class _Outcome:
    """A client that notes how the last PutLogEvents ended: watchtower itself only warns."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.reset()

    def reset(self) -> None:
        """Forget what was."""
        self.error: ClientError | BotoCoreError | None = None
        self.rejected: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_log_events(self, **request: Any) -> Any:
        """Pass it on."""
        try:
            answer = self._client.put_log_events(**request)
        except (ClientError, BotoCoreError) as error:
            self.error = error
            raise
        self.error = None
        self.rejected = answer.get("rejectedLogEventsInfo", {})
        return answer

    def create_log_stream(self, **request: Any) -> Any:
        """Pass it on; where it is refused, that says more than the missing stream."""
        try:
            return self._client.create_log_stream(**request)
        except (ClientError, BotoCoreError) as error:
            self.error = error
            raise


def _rejected(info: dict[str, int], count: int) -> int:
    """Return how many events of a batch were too old or too new, by PutLogEvents' indexes."""
    too_old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    too_new = count - info.get("tooNewLogEventStartIndex", count)
    return min(count, max(0, too_old) + max(0, too_new))
