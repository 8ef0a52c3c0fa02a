"""The log group `aws/spans` of CloudWatch Logs, as moto keeps it, and whether X-Ray may write to it.

Source: "Enable transaction search", Amazon CloudWatch user guide.
"""

import json
from typing import Any

from moto.logs.models import logs_backends

from localcloud.aws.authorisation.conditions import Context
from localcloud.aws.authorisation.policies import Verdict, evaluate, read_policy
from localcloud.aws.xray.arns import Place

LOG_GROUP = "aws/spans"
SERVICE = "xray.amazonaws.com"
ACTION = "logs:PutLogEvents"


class SpanLogGroup:
    """The log group of one place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._logs = logs_backends[place.account_id][place.region]

    def exists(self) -> bool:
        """Tell whether the log group is there."""
        return LOG_GROUP in self._logs.groups

    def create(self, kms_key_arn: str | None) -> None:
        """Make the log group, under a KMS key where one is given."""
        self._logs.create_log_group(LOG_GROUP, {}, kmsKeyId=kms_key_arn)

    def may_be_written(self) -> bool:
        """Tell whether the resource policies of CloudWatch Logs let X-Ray write to the log group."""
        place = self._place
        group = f"arn:{place.partition}:logs:{place.region}:{place.account_id}:log-group:{LOG_GROUP}"
        context: Context = {
            "aws:sourceaccount": [place.account_id],
            "aws:sourcearn": [place.arn("*")],
            "aws:principalservicename": [SERVICE],
            "aws:principalisawsservice": ["true"],
        }
        statements = [
            statement
            for policy in self._logs.describe_resource_policies()
            for statement in read_policy(_of_xray(policy.policy_document))
        ]
        return evaluate(statements, ACTION, f"{group}:log-stream:default", context) is Verdict.ALLOWED


def _of_xray(document: str) -> str:
    """Return the policy with those of its statements alone that are for X-Ray."""
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError, RecursionError):
        statements = []
    statements = statements if isinstance(statements, list) else [statements]
    return json.dumps({"Statement": [statement for statement in statements if _is_for_xray(statement)]})


def _is_for_xray(statement: Any) -> bool:
    principal = statement.get("Principal") if isinstance(statement, dict) else None
    if not isinstance(principal, dict):
        return principal == "*"
    services = principal.get("Service", [])
    return SERVICE in (services if isinstance(services, list) else [services]) or principal.get("AWS") == "*"
