"""The destination of segments.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.span_logs import SpanLogGroup
from localcloud.aws.xray.answers.base import Answers, Parameters, Result


class DestinationAnswers(Answers):
    """GetTraceSegmentDestination and UpdateTraceSegmentDestination."""

    def get_trace_segment_destination(self, _: Parameters) -> Result:
        """Return where segments go."""
        return self._backend.destination.to_api()

    def update_trace_segment_destination(self, parameters: Parameters) -> Result:
        """Change where segments go."""
        self._backend.destination.update(
            parameters.get("Destination"),
            parameters.get("CloudWatchLogsConfiguration"),
            SpanLogGroup(self._backend.place),
        )
        return self._backend.destination.to_api()
