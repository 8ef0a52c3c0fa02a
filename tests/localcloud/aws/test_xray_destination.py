"""Where segments go, over boto3."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localcloud.aws.xray.destination import PENDING_SECONDS, SegmentDestination
from localcloud.aws.xray.exceptions import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint

ACCOUNT = "123456789012"
NOW = 1_700_000_000.0


@pytest.fixture
def logs(endpoint: Endpoint, region: str) -> Iterator[CloudWatchLogsClient]:
    """A client of a CloudWatch Logs with nothing in it."""
    from moto.logs.models import logs_backends

    logs_backends[ACCOUNT].pop(region, None)
    client: CloudWatchLogsClient = endpoint.client("logs", region_name=region)
    yield client
    client.close()


def _policy(region: str, **changes: Any) -> str:
    """Return the policy of the documentation, with changes."""
    group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group"
    statement = {
        "Sid": "TransactionSearchXRayAccess",
        "Effect": "Allow",
        "Principal": {"Service": "xray.amazonaws.com"},
        "Action": "logs:PutLogEvents",
        "Resource": [f"{group}:aws/spans:*", f"{group}:/aws/application-signals/data:*"],
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:xray:{region}:{ACCOUNT}:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **changes}]})


def _denial(xray: XRayClient) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        xray.update_trace_segment_destination(Destination="CloudWatchLogs")
    error = caught.value.response
    return error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]


def _wait_until_active(xray: XRayClient) -> str:
    deadline = time.monotonic() + 30
    while (found := xray.get_trace_segment_destination())["Status"] != "ACTIVE":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found["Destination"]


def test_segments_go_to_x_ray_at_first(xray: XRayClient) -> None:
    """The destination is XRay, and setting it again is refused."""
    found = xray.get_trace_segment_destination()
    assert (found["Destination"], found["Status"]) == ("XRay", "ACTIVE")
    with pytest.raises(
        xray.exceptions.InvalidRequestException, match="The destination is already set to XRay"
    ):
        xray.update_trace_segment_destination(Destination="XRay")


def test_the_destination_changes_and_changes_back(
    xray: XRayClient, logs: CloudWatchLogsClient, region: str
) -> None:
    """With the documented policy it is PENDING, then ACTIVE; the log group is made, and stays."""
    logs.put_resource_policy(policyName="spans", policyDocument=_policy(region))
    changed = xray.update_trace_segment_destination(Destination="CloudWatchLogs")
    assert (changed["Destination"], changed["Status"]) == ("CloudWatchLogs", "PENDING")
    with pytest.raises(xray.exceptions.InvalidRequestException, match="pending"):
        xray.update_trace_segment_destination(Destination="XRay")
    assert _wait_until_active(xray) == "CloudWatchLogs"
    with pytest.raises(
        xray.exceptions.InvalidRequestException, match="The destination is already set to CloudWatchLogs"
    ):
        xray.update_trace_segment_destination(Destination="CloudWatchLogs")
    assert xray.update_trace_segment_destination(Destination="XRay")["Status"] == "PENDING"
    assert _wait_until_active(xray) == "XRay"
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == ["aws/spans"]


def test_without_a_policy_it_is_denied(xray: XRayClient, logs: CloudWatchLogsClient) -> None:
    """Where CloudWatch Logs doesn't let X-Ray write, that is told, and nothing changes."""
    message = "XRay does not have permission to call PutLogEvents on the aws/spans Log Group"
    assert _denial(xray) == ("AccessDeniedException", message, 403)
    assert xray.get_trace_segment_destination()["Destination"] == "XRay"
    assert logs.describe_log_groups()["logGroups"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "delivery.logs.amazonaws.com"}},
        {"Principal": {"AWS": ACCOUNT}},
        {"Principal": {"Service": 5}},
        {"Action": "logs:CreateLogStream"},
        {"Resource": f"arn:aws:logs:*:{ACCOUNT}:log-group:/aws/spans:*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": "wrong"}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:xray:us-east-1:210987654321:*"}}},
    ],
)
def test_policies_that_do_not_cover_it(
    xray: XRayClient, logs: CloudWatchLogsClient, region: str, changes: Any
) -> None:
    """A policy for others, other actions, another group (with a leading slash) or account doesn't do."""
    logs.put_resource_policy(policyName="spans", policyDocument=_policy(region, **changes))
    assert _denial(xray)[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": "*", "Action": "logs:*", "Resource": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"Service": ["delivery.logs.amazonaws.com", "xray.amazonaws.com"]}, "Condition": {}},
    ],
)
def test_policies_that_cover_it(
    xray: XRayClient, logs: CloudWatchLogsClient, region: str, changes: Any
) -> None:
    """Wider policies do as well, and what else there is doesn't matter."""
    logs.put_resource_policy(policyName="broken", policyDocument="{")
    logs.put_resource_policy(policyName="spans", policyDocument=_policy(region, **changes))
    assert xray.update_trace_segment_destination(Destination="CloudWatchLogs")["Status"] == "PENDING"


def test_a_key_for_the_log_group(
    xray: XRayClient, logs: CloudWatchLogsClient, endpoint: Endpoint, region: str
) -> None:
    """The log group is made under the key of the ARN; a key's id, or one that isn't there, is refused."""
    kms = endpoint.client("kms", region_name=region)
    key = kms.create_key()["KeyMetadata"]
    logs.put_resource_policy(policyName="spans", policyDocument=_policy(region))
    for wrong in (key["KeyId"], f"arn:aws:kms:{region}:{ACCOUNT}:key/none"):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="SpansLogGroupKmsKeyId"):
            xray.update_trace_segment_destination(
                Destination="CloudWatchLogs", CloudWatchLogsConfiguration={"SpansLogGroupKmsKeyId": wrong}
            )
    xray.update_trace_segment_destination(
        Destination="CloudWatchLogs", CloudWatchLogsConfiguration={"SpansLogGroupKmsKeyId": key["Arn"]}
    )
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["kmsKeyId"]) == ("aws/spans", key["Arn"])
    kms.close()


class _LogGroup:
    """A log group that may be written; `made` lists the keys that it was made with."""

    def __init__(self, *made: str | None) -> None:
        self.made = list(made)

    def exists(self) -> bool:
        return bool(self.made)

    def create(self, kms_key_arn: str | None) -> None:
        self.made.append(kms_key_arn)

    def may_be_written(self) -> bool:
        return True


def test_pending_lasts_for_a_while() -> None:
    """A change is PENDING first, and ACTIVE a moment later."""
    now = [NOW]
    destination = SegmentDestination(lambda: now[0], lambda name: name)
    destination.update("CloudWatchLogs", None, _LogGroup())
    assert destination.to_api() == {"Destination": "CloudWatchLogs", "Status": "PENDING"}
    now[0] += PENDING_SECONDS
    assert destination.to_api() == {"Destination": "CloudWatchLogs", "Status": "ACTIVE"}


@pytest.mark.parametrize(
    ("destination", "configuration", "message"),
    [
        (None, None, "Destination must be given"),
        ("XRay", None, "already set to XRay"),
        ("CloudWatchLogs", {"SpansLogGroupKmsKeyId": "arn:key"}, "is there already"),
    ],
)
def test_wrong_changes_leave_it(destination: str | None, configuration: Any, message: str) -> None:
    """No destination, the same one, or a key for a group that is there already change nothing."""
    group = _LogGroup(None)
    found = SegmentDestination(lambda: NOW, lambda name: name)
    with pytest.raises(InvalidRequestError, match=message):
        found.update(destination, configuration, group)
    assert found.to_api() == {"Destination": "XRay", "Status": "ACTIVE"}
    assert group.made == [None]
