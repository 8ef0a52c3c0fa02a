"""``verify``: the whole command against bare boto3 that makes the same calls, one after the other."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from bench import commands, local_cloud
from bench.figures import Figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("verify",)
ROUNDS = 7
_BARE = """
import os, boto3, requests
from datetime import UTC, datetime, timedelta
from botocore.config import Config
session = boto3.Session(region_name=os.environ["AWS_REGION"])
session.client("sts").get_caller_identity()
xray, ssm = session.client("xray"), session.client("ssm")
name, path, now = "cruddur-local-backend-flask", "/cruddur/local/backend-flask", datetime.now(UTC)
group = xray.get_group(GroupName=name)
rules = xray.get_sampling_rules()
hour, six = now - timedelta(hours=1), now - timedelta(hours=6)
found = xray.get_trace_summaries(StartTime=hour, EndTime=now, FilterExpression=f'service("{name}")')
ids = [summary["Id"] for summary in found["TraceSummaries"]][:5]
if ids:
    xray.batch_get_traces(TraceIds=ids)
xray.get_service_graph(StartTime=six, EndTime=now)
xray.list_resource_policies()
session.client("logs").describe_log_groups(logGroupNamePrefix=path)
of_honeycomb = ["honeycomb/endpoint", "honeycomb/dataset", "xray/group-name", "xray/sampling-rule-name"]
plain = ssm.get_parameters(Names=[f"{path}/{one}" for one in of_honeycomb])["Parameters"]
ssm.get_parameters(Names=[f"{path}/logs/group-name"])
key_name = f"{path}/honeycomb/api-key"
key = ssm.get_parameters(Names=[key_name], WithDecryption=True)["Parameters"][0]["Value"]
ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": [key_name]}])
types = [{"Key": "Type", "Values": ["String", "StringList"]}]
ssm.get_parameters_by_path(Path=path, Recursive=True, ParameterFilters=types)
ssm.get_parameter_history(Name=key_name)
bucket = "cruddur-local-terraform-state-123456789012"
s3 = session.client("s3", config=Config(s3={"addressing_style": "path"}))
try:
    s3.get_object(Bucket=bucket, Key="backend-flask/access/terraform.tfstate")
except s3.exceptions.NoSuchKey:
    pass
endpoint = next(one["Value"] for one in plain if one["Name"].endswith("/endpoint"))
answer = requests.get(endpoint + "/1/auth", headers={"X-Honeycomb-Team": key}, timeout=5)
answer.raise_for_status()
daemon = "http://" + os.environ["AWS_XRAY_DAEMON_ADDRESS"]
requests.post(daemon + "/GetSamplingRules", json={}, timeout=5).raise_for_status()
"""


def measure() -> Iterator[Figure]:
    """Yield the figure, in wall seconds of the whole command."""
    with local_cloud.applied() as addresses:
        medians = interleaved(
            {
                "ours": partial(commands.wall_seconds, commands.scripts("verify", "--format", "json")),
                "bare": partial(commands.wall_seconds, [sys.executable, "-c", _BARE], environment=addresses),
            },
            ROUNDS,
        )
    yield Figure.of("verify", medians["ours"], "s", medians["bare"])
