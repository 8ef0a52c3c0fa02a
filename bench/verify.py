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
session = boto3.Session(region_name=os.environ["AWS_REGION"])
session.client("sts").get_caller_identity()
xray, ssm = session.client("xray"), session.client("ssm")
group = xray.get_group(GroupName="cruddur-local-backend-flask")
rules = xray.get_sampling_rules()
path = "/cruddur/local/backend-flask"
session.client("logs").describe_log_groups(logGroupNamePrefix=path)
parameters = ssm.get_parameters_by_path(Path=path, Recursive=True, WithDecryption=True)["Parameters"]
values = {parameter["Name"].removeprefix(path + "/"): parameter["Value"] for parameter in parameters}
key = {"X-Honeycomb-Team": values["honeycomb/api-key"]}
answer = requests.get(values["honeycomb/endpoint"] + "/1/auth", headers=key, timeout=5)
answer.raise_for_status()
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
