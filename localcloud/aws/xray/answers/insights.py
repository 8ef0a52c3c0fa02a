"""Insights: X-Ray finds anomalies in a group's traces. Nothing looks for any here, so that there are none.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result, find_group, refuse_next_token
from localcloud.aws.xray.exceptions import InvalidRequestError

AGE_MAX_SECONDS = 30 * 24 * 3600
IMPACT_GRAPH_MAX_SECONDS = 6 * 3600


class InsightAnswers(Answers):
    """GetInsight, GetInsightEvents, GetInsightImpactGraph and GetInsightSummaries."""

    def get_insight_summaries(self, parameters: Parameters) -> Result:
        """Return the insights of a group that exists: none."""
        refuse_next_token(parameters)
        find_group(self._backend, parameters)
        self._check_range(parameters)
        return {"InsightSummaries": []}

    def get_insight(self, parameters: Parameters) -> Result:
        """Refuse the id: no insight has it."""
        raise _not_found(parameters)

    def get_insight_events(self, parameters: Parameters) -> Result:
        """Refuse the id: no insight has it."""
        raise _not_found(parameters)

    def get_insight_impact_graph(self, parameters: Parameters) -> Result:
        """Refuse a range that is too long, then the id: no insight has it."""
        self._check_range(parameters)
        if parameters["EndTime"] - parameters["StartTime"] > IMPACT_GRAPH_MAX_SECONDS:
            raise InvalidRequestError("Time range cannot be longer than 6 hours")
        raise _not_found(parameters)

    def _check_range(self, parameters: Parameters) -> None:
        start, end = parameters["StartTime"], parameters["EndTime"]
        if start > end:
            raise InvalidRequestError("StartTime must not be later than EndTime")
        if self._backend.clock() - start > AGE_MAX_SECONDS:
            raise InvalidRequestError("StartTime can't be more than 30 days old")


def _not_found(parameters: Parameters) -> InvalidRequestError:
    return InvalidRequestError(f"Insight not found: {parameters['InsightId']}")
