"""``request.sampled.added_cpu`` and ``request.unsampled.added_cpu``: what tracing adds to a request.

CPU of the whole process for each request, over plain Flask; two spans a request; ours against the usual
double instrumentation. The sinks are the local cloud's, so that their work is in another process.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

import boto3

from bench import commands, local_cloud
from bench.figures import Figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("request.sampled.added_cpu", "request.unsampled.added_cpu")
REQUESTS = 10_000
ROUNDS = 5
PARAMETER_PATH = "/bench/backend-flask"
RULE = "bench-backend-flask"


def measure() -> Iterator[Figure]:
    """Yield both figures, in microseconds of CPU a request, and the one-sink comparison beside them."""
    with local_cloud.applied() as addresses:
        key = local_cloud.KEY_FILE.read_text().strip()
        environment = {
            **addresses,
            "TRACING_PARAMETER_PATH": PARAMETER_PATH,
            "TRACING_REQUIRED": "true",
            "OTEL_SERVICE_NAME": RULE,
        }
        peers = {
            **addresses,
            "OTEL_EXPORTER_OTLP_ENDPOINT": addresses["HONEYCOMB_API_ENDPOINT"],
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={key}",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        }
        for decision, rate in (("sampled", 1.0), ("unsampled", 0.0)):
            _prepare(addresses, key, rate)
            medians = interleaved(
                {
                    "plain": partial(_cpu_seconds, "plain", decision, addresses),
                    "ours": partial(_cpu_seconds, "ours", decision, environment),
                    "otel": partial(_cpu_seconds, "otel", decision, peers),
                    "double": partial(_cpu_seconds, "double", decision, peers),
                },
                ROUNDS,
            )
            added = {name: (value - medians["plain"]) * 1e6 for name, value in medians.items()}
            yield Figure.of(f"request.{decision}.added_cpu", added["ours"], "us", added["double"])
            yield Figure.of(f"request.{decision}.added_cpu.one_sink", added["ours"], "us", added["otel"])


def _cpu_seconds(name: str, decision: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "bench.variant", name, str(REQUESTS), decision]
    path = f"{commands.ROOT}:{commands.ROOT / 'backend-flask'}"
    text = commands.output(command, environment={**environment, "PYTHONPATH": path})
    return float(json.loads(text.splitlines()[-1])["cpu_seconds_per_request"])


def _prepare(addresses: dict[str, str], key: str, rate: float) -> None:
    """Make the parameters, the group and a rule that takes every request at *rate*."""
    session = boto3.Session(
        aws_access_key_id=addresses["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=addresses["AWS_SECRET_ACCESS_KEY"],
        region_name=addresses["AWS_REGION"],
    )
    ssm = session.client("ssm", endpoint_url=addresses["AWS_ENDPOINT_URL"])
    values = {
        "honeycomb/endpoint": addresses["HONEYCOMB_API_ENDPOINT"],
        "honeycomb/dataset": RULE,
        "xray/group-name": RULE,
        "xray/sampling-rule-name": RULE,
    }
    for name, value in values.items():
        ssm.put_parameter(Name=f"{PARAMETER_PATH}/{name}", Value=value, Type="String", Overwrite=True)
    ssm.put_parameter(
        Name=f"{PARAMETER_PATH}/honeycomb/api-key", Value=key, Type="SecureString", Overwrite=True
    )
    xray = session.client("xray", endpoint_url=addresses["AWS_ENDPOINT_URL"])
    groups = {group["GroupName"] for group in xray.get_groups()["Groups"]}
    if RULE not in groups:
        xray.create_group(GroupName=RULE, FilterExpression=f'service("{RULE}")')
    records = xray.get_sampling_rules()["SamplingRuleRecords"]
    if RULE in {record["SamplingRule"]["RuleName"] for record in records}:
        xray.delete_sampling_rule(RuleName=RULE)
    xray.create_sampling_rule(
        SamplingRule={
            "RuleName": RULE,
            "ResourceARN": "*",
            "Priority": 1,
            "FixedRate": rate,
            "ReservoirSize": 0,
            "ServiceName": RULE,
            "ServiceType": "*",
            "Host": "*",
            "HTTPMethod": "*",
            "URLPath": "*",
            "Version": 1,
        }
    )
