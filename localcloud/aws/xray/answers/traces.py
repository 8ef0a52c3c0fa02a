"""Traces in and out.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result
from localcloud.aws.xray.documents import trace_to_api
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.queries import PAGE_SIZE, SummariesQuery
from localcloud.aws.xray.store import pages
from xray.traces.summary import summarise

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
        put = self._backend.traces.put
        refusals = [refusal for text in parameters["TraceSegmentDocuments"] if (refusal := put(text))]
        return {"UnprocessedTraceSegments": [refusal.to_api() for refusal in refusals]}

    def batch_get_traces(self, parameters: Parameters) -> Result:
        """Return whole traces; ids that no trace has are left out."""
        trace_ids = parameters["TraceIds"]
        if "NextToken" in parameters:
            raise InvalidRequestError("NextToken is currently not supported")
        if len(trace_ids) > BATCH_GET_TRACES_MAX:
            raise InvalidRequestError(f"Exceeding maximum query size: {BATCH_GET_TRACES_MAX}")
        found = self._backend.traces.find(trace_ids)
        return {"Traces": [trace_to_api(trace) for trace in found], "UnprocessedTraceIds": []}

    def get_trace_summaries(self, parameters: Parameters) -> Result:
        """Return summaries of the traces in a range of time, the newest first."""
        query = SummariesQuery.read(parameters, self._backend.groups)
        store = self._backend.traces
        scanned = (pages.of_place(store.place), *query.scanned)
        with store.reading() as snapshot:
            processed = pages.count(snapshot, query.window, scanned)
            keys, more = pages.page(
                snapshot, query.window, (*scanned, *query.wanted), query.after, size=PAGE_SIZE
            )
            found = pages.traces(snapshot, store.place, keys)
        result: Result = {
            "TraceSummaries": [
                summarise(
                    trace.facts,
                    revision=trace.revision,
                    matched_event_time=None
                    if query.by_trace_id
                    else max(trace.facts.start_time, query.start),
                )
                for trace in found
            ],
            "ApproximateTime": self._backend.clock(),
            "TracesProcessedCount": processed,
        }
        if more:
            result["NextToken"] = query.token(keys[-1])
        return result
