"""Answers X-Ray's operations: from checked parameters to the API's results.

Source: the X-Ray API; a method's name is the operation's.
"""

from collections.abc import Callable
from typing import Any

from localcloud.aws.xray.documents import trace_to_api
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.models import XRayBackend, xray_backends
from localcloud.aws.xray.operations import Operation
from localcloud.aws.xray.queries import find_page
from localcloud.aws.xray.summaries import summarise
from localcloud.aws.xray.tags import read_tags
from localcloud.aws.xray.validation import validate

BATCH_GET_TRACES_MAX = 5

Parameters = dict[str, Any]
Result = dict[str, Any]


class UnknownRegionError(Exception):
    """X-Ray isn't in that region."""


class XRayResponse:
    """The operations on one account's and region's backend."""

    def __init__(self, backend: XRayBackend) -> None:
        self._backend = backend

    @classmethod
    def dispatch(cls, operation: Operation, body: object, account_id: str, region: str) -> Result:
        """Answer one call; `body` is what came out of the JSON parser.

        Raises:
            XRayError: what the caller gets instead.
            UnknownRegionError: there is no such region.
        """
        parameters = validate(operation.input_shape, body)
        try:
            response = cls(xray_backends[account_id][region])
        except KeyError as error:
            raise UnknownRegionError(region) from error
        answer: Callable[[Parameters], Result] | None = getattr(response, operation.method, None)
        if answer is None:
            raise InvalidRequestError(f"{operation.name} isn't available in the local cloud")
        return answer(parameters)

    # groups

    def create_group(self, parameters: Parameters) -> Result:
        """Make a group with its tags."""
        tags = self._new_tags(parameters)
        group = self._backend.groups.create(
            parameters["GroupName"],
            parameters.get("FilterExpression"),
            parameters.get("InsightsConfiguration"),
        )
        self._backend.tags.add(group.arn, tags)
        return {"Group": group.to_api()}

    def get_group(self, parameters: Parameters) -> Result:
        """Return one group."""
        return {"Group": self._find_group(parameters).to_api()}

    def get_groups(self, parameters: Parameters) -> Result:
        """Return every group."""
        _refuse_next_token(parameters)
        return {"Groups": [group.to_api() for group in self._backend.groups.all()]}

    def update_group(self, parameters: Parameters) -> Result:
        """Change what is given of a group."""
        group = self._find_group(parameters)
        self._backend.groups.update(
            group, parameters.get("FilterExpression"), parameters.get("InsightsConfiguration")
        )
        return {"Group": group.to_api()}

    def delete_group(self, parameters: Parameters) -> Result:
        """Delete a group and its tags."""
        group = self._find_group(parameters)
        self._backend.groups.delete(group)
        self._backend.tags.forget(group.arn)
        return {}

    # sampling

    def create_sampling_rule(self, parameters: Parameters) -> Result:
        """Make a rule with its tags."""
        tags = self._new_tags(parameters)
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
        _refuse_next_token(parameters)
        return {"SamplingRuleRecords": [record.to_api() for record in self._backend.rules.all()]}

    def get_sampling_targets(self, parameters: Parameters) -> Result:
        """Take clients' reports and divide the reservoirs."""
        return self._backend.targets.report(
            parameters["SamplingStatisticsDocuments"],
            parameters.get("SamplingBoostStatisticsDocuments", []),
        )

    def get_sampling_statistic_summaries(self, parameters: Parameters) -> Result:
        """Return what clients reported."""
        _refuse_next_token(parameters)
        return {"SamplingStatisticSummaries": self._backend.statistics.to_api()}

    # tags

    def list_tags_for_resource(self, parameters: Parameters) -> Result:
        """Return a resource's tags."""
        _refuse_next_token(parameters)
        tags = self._backend.tags.of(parameters["ResourceARN"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, parameters: Parameters) -> Result:
        """Add tags to a resource."""
        self._backend.tags.add(parameters["ResourceARN"], read_tags(parameters["Tags"]))
        return {}

    def untag_resource(self, parameters: Parameters) -> Result:
        """Remove tags from a resource."""
        self._backend.tags.remove(parameters["ResourceARN"], parameters["TagKeys"])
        return {}

    # the account's settings

    def get_encryption_config(self, _: Parameters) -> Result:
        """Return the encryption setting."""
        return {"EncryptionConfig": self._backend.encryption.to_api()}

    def put_encryption_config(self, parameters: Parameters) -> Result:
        """Change the encryption setting."""
        self._backend.encryption.put(parameters["Type"], parameters.get("KeyId"))
        return {"EncryptionConfig": self._backend.encryption.to_api()}

    def list_resource_policies(self, parameters: Parameters) -> Result:
        """Return every resource policy."""
        _refuse_next_token(parameters)
        return {"ResourcePolicies": [policy.to_api() for policy in self._backend.policies.all()]}

    def put_resource_policy(self, parameters: Parameters) -> Result:
        """Make or replace a resource policy."""
        policy = self._backend.policies.put(
            parameters["PolicyName"],
            parameters["PolicyDocument"],
            parameters.get("PolicyRevisionId"),
            parameters.get("BypassPolicyLockoutCheck", False),
        )
        return {"ResourcePolicy": policy.to_api()}

    def delete_resource_policy(self, parameters: Parameters) -> Result:
        """Delete a resource policy."""
        self._backend.policies.delete(parameters["PolicyName"], parameters.get("PolicyRevisionId"))
        return {}

    # traces

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

    def _find_group(self, parameters: Parameters) -> Any:
        return self._backend.groups.find(parameters.get("GroupName"), parameters.get("GroupARN"))

    def _new_tags(self, parameters: Parameters) -> dict[str, str]:
        tags = read_tags(parameters.get("Tags", []))
        self._backend.tags.check_new(tags)
        return tags


def _refuse_next_token(parameters: Parameters) -> None:
    """Everything is on the first page, so that no token of ours exists."""
    if parameters.get("NextToken"):
        raise InvalidRequestError("The NextToken is invalid")
