"""Sampling rules, targets and statistics.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result, new_tags, refuse_next_token
from localcloud.aws.xray.tokens import read_token, write_token

SUMMARIES_PAGE_SIZE = 1000
_SUMMARIES = "GetSamplingStatisticSummaries"


class SamplingAnswers(Answers):
    """The sampling rules, their targets and what clients reported."""

    def create_sampling_rule(self, parameters: Parameters) -> Result:
        """Make a rule with its tags."""
        tags = new_tags(self._backend, parameters)
        record = self._backend.rules.create(parameters["SamplingRule"])
        self._backend.tags.add(record.arn, tags)
        return {"SamplingRuleRecord": record.to_api()}

    def update_sampling_rule(self, parameters: Parameters) -> Result:
        """Change what is given of a rule."""
        return {"SamplingRuleRecord": self._backend.rules.update(parameters["SamplingRuleUpdate"]).to_api()}

    def delete_sampling_rule(self, parameters: Parameters) -> Result:
        """Delete a rule, its tags and its clients' leases."""
        record = self._backend.rules.find(parameters.get("RuleName"), parameters.get("RuleARN"))
        self._backend.rules.delete(record)
        self._backend.tags.forget(record.arn)
        self._backend.targets.forget(record.rule.rule_name)
        return {"SamplingRuleRecord": record.to_api()}

    def get_sampling_rules(self, parameters: Parameters) -> Result:
        """Return every rule at once: SDKs read only the first page."""
        refuse_next_token(parameters)
        return {"SamplingRuleRecords": [record.to_api() for record in self._backend.rules.all()]}

    def get_sampling_targets(self, parameters: Parameters) -> Result:
        """Take clients' reports and divide the reservoirs."""
        return self._backend.targets.report(
            parameters["SamplingStatisticsDocuments"],
            parameters.get("SamplingBoostStatisticsDocuments", []),
        )

    def get_sampling_statistic_summaries(self, parameters: Parameters) -> Result:
        """Return what clients reported, in windows of ten seconds."""
        token = parameters.get("NextToken")
        start, rule_name = read_token(_SUMMARIES, token, int, str) if token is not None else (None, "")
        after = None if start is None else (start, rule_name)
        summaries, last = self._backend.statistics.page(after, SUMMARIES_PAGE_SIZE)
        result: Result = {"SamplingStatisticSummaries": summaries}
        if last is not None:
            result["NextToken"] = write_token(_SUMMARIES, *last)
        return result
