"""Retrieval of traces from Transaction Search.

Source: the X-Ray API; a method's name is the operation's.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from localcloud.aws.span_logs import LOG_GROUP, SpanLogGroup
from localcloud.aws.xray.answers.base import Answers, Parameters, Result
from localcloud.aws.xray.answers.graphs import GraphAnswers
from localcloud.aws.xray.exceptions import InvalidRequestError, ResourceNotFoundError
from localcloud.aws.xray.retrieval import Retrieval
from localcloud.aws.xray.retrieved import XRAY, KeptTrace, retrieved_traces
from localcloud.aws.xray.tokens import read_token, write_token

PAGE_SIZE = 5
_LIST = "ListRetrievedTraces"
_Part = tuple[tuple[int, int], dict[str, Any]]
"""A place, as the trace's number and the part's, and the API's `RetrievedTrace` there."""


class RetrievalAnswers(Answers):
    """StartTraceRetrieval, ListRetrievedTraces, GetRetrievedTracesGraph and CancelTraceRetrieval."""

    def start_trace_retrieval(self, parameters: Parameters) -> Result:
        """Begin a retrieval from the log group that Transaction Search makes."""
        start, end = parameters["StartTime"], parameters["EndTime"]
        if start > end:
            raise InvalidRequestError("StartTime must not be later than EndTime")
        if not SpanLogGroup(self._backend.place).exists():
            raise ResourceNotFoundError(
                f"The log group {LOG_GROUP} does not exist; X-Ray makes it when the trace segment"
                " destination becomes CloudWatchLogs",
                ResourceName=LOG_GROUP,
            )
        return {"RetrievalToken": self._backend.retrievals.start(parameters["TraceIds"], start, end)}

    def list_retrieved_traces(self, parameters: Parameters) -> Result:
        """Return five traces; none before the retrieval is complete."""
        token, trace_format = parameters["RetrievalToken"], parameters.get("TraceFormat", XRAY)
        retrieval = self._backend.retrievals.find(token)
        status = retrieval.status(self._backend.clock())
        result: Result = {"RetrievalStatus": status, "TraceFormat": trace_format, "Traces": []}
        first = _place(parameters.get("NextToken"), token, trace_format)
        if status == "COMPLETE":
            found = list(islice(self._parts(retrieval, trace_format, first), PAGE_SIZE + 1))
            result["Traces"] = [trace for _, trace in found[:PAGE_SIZE]]
            if len(found) > PAGE_SIZE:
                result["NextToken"] = write_token(_LIST, token, trace_format, *found[PAGE_SIZE][0])
        return result

    def get_retrieved_traces_graph(self, parameters: Parameters) -> Result:
        """Return the services of the traces found; none before the retrieval is complete."""
        retrieval = self._backend.retrievals.find(parameters["RetrievalToken"])
        status = retrieval.status(self._backend.clock())
        result: Result = {"RetrievalStatus": status, "Services": []}
        if status == "COMPLETE":
            asked: Parameters = {"TraceIds": [trace.trace_id for _, trace in self._found(retrieval)]}
            if "NextToken" in parameters:
                asked["NextToken"] = parameters["NextToken"]
            graph = GraphAnswers(self._backend).get_trace_graph(asked)
            result["Services"] = [{"Service": service, "Links": []} for service in graph["Services"]]
            if "NextToken" in graph:
                result["NextToken"] = graph["NextToken"]
        return result

    def cancel_trace_retrieval(self, parameters: Parameters) -> Result:
        """End a retrieval that isn't complete."""
        self._backend.retrievals.cancel(parameters["RetrievalToken"])
        return {}

    def _parts(self, retrieval: Retrieval, trace_format: str, first: tuple[int, int]) -> Iterator[_Part]:
        """Yield what was found from a place on."""
        for number, trace in self._found(retrieval, first[0]):
            for part, document in enumerate(retrieved_traces(trace, trace_format)):
                if (number, part) >= first:
                    yield (number, part), document

    def _found(self, retrieval: Retrieval, first: int = 0) -> Iterator[tuple[int, KeptTrace]]:
        """Yield the traces of the range from a number on, a few in memory at a time."""
        for start in range(first, len(retrieval.trace_ids), PAGE_SIZE):
            wanted = retrieval.trace_ids[start : start + PAGE_SIZE]
            found = {trace.trace_id: trace for trace in self._backend.traces.find(wanted)}
            for number, trace_id in enumerate(wanted, start):
                trace = found.get(trace_id)
                if trace is not None and retrieval.covers(trace.start_time, trace.end_time):
                    yield number, trace


def _place(next_token: str | None, retrieval_token: str, trace_format: str) -> tuple[int, int]:
    if next_token is None:
        return 0, 0
    asked, asked_format, number, part = read_token(_LIST, next_token, str, str, int, int)
    if (asked, asked_format) != (retrieval_token, trace_format) or number < 0:
        raise InvalidRequestError("The NextToken is of another retrieval or format")
    return number, part
