"""Traces in and out.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result
from localcloud.aws.xray.documents import trace_to_api
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.queries import find_page
from localcloud.aws.xray.summaries import summarise

BATCH_GET_TRACES_MAX = 5


class TraceAnswers(Answers):
    """Segments and telemetry in, whole traces and summaries out."""

    def put_telemetry_records(self, parameters: Parameters) -> Result:
        """Keep what a daemon tells of itself."""
        sender = {key: value for key, value in parameters.items() if key != "TelemetryRecords"}
        self._backend.telemetry.put(parameters["TelemetryRecords"], sender)
        return {}

    def put_trace_segments(self, parameters: Parameters) -> Result:
        """Take segment documents; those that aren't taken are listed with their reasons."""
        refusals = [self._backend.traces.put(text) for text in parameters["TraceSegmentDocuments"]]
        return {"UnprocessedTraceSegments": [refusal.to_api() for refusal in refusals if refusal is not None]}

    def batch_get_traces(self, parameters: Parameters) -> Result:
        """Return whole traces; ids that no trace has are left out."""
        trace_ids = parameters["TraceIds"]
        if "NextToken" in parameters:
            raise InvalidRequestError("NextToken is currently not supported")
        if len(trace_ids) > BATCH_GET_TRACES_MAX:
            raise InvalidRequestError(f"Exceeding maximum query size: {BATCH_GET_TRACES_MAX}")
        found = (self._backend.traces.get(trace_id) for trace_id in dict.fromkeys(trace_ids))
        return {"Traces": [trace_to_api(trace) for trace in found if trace], "UnprocessedTraceIds": []}

    def get_trace_summaries(self, parameters: Parameters) -> Result:
        """Return summaries of the traces in a range of time."""
        if parameters.get("FilterExpression"):
            raise InvalidRequestError("The local cloud doesn't support filter expressions yet")
        page = find_page(self._backend.traces, parameters)
        summaries = [summarise(trace, self._backend.account_id) for trace in page.traces]
        if parameters.get("TimeRangeType", "TraceId") != "TraceId":
            for summary in summaries:
                summary["MatchedEventTime"] = max(summary["StartTime"], parameters["StartTime"])
        result: Result = {
            "TraceSummaries": summaries,
            "ApproximateTime": self._backend.clock(),
            "TracesProcessedCount": len(summaries),
        }
        if page.next_token is not None:
            result["NextToken"] = page.next_token
        return result
