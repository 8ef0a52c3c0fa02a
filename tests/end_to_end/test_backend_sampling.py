"""X-Ray's rules decide, for both sinks, and a running backend follows their changes."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import requests

from tests.end_to_end.backend import rule_of, trace_id_of, tracing_of, until
from tests.end_to_end.traces import in_both, in_honeycomb, in_xray

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.backend import Stage

HOME = "/api/activities/home"
REQUESTS = 60
CALLER = "53995c3f42cd8ad8"


def reported(xray: XRayClient, rule: str) -> dict[str, int]:
    """Return the sum of what X-Ray was told of a rule."""
    windows = [
        window
        for page in xray.get_paginator("get_sampling_statistic_summaries").paginate()
        for window in page["SamplingStatisticSummaries"]
        if window["RuleName"] == rule
    ]
    return {
        "requests": sum(window["RequestCount"] for window in windows),
        "sampled": sum(window["SampledCount"] for window in windows),
        "borrowed": sum(window["BorrowCount"] for window in windows),
    }


def trace_ids(backend: BackendProcess, *paths: str) -> list[str]:
    """Send a GET to each path; return the traces' ids, sampled or not."""
    return [trace_id_of(backend.get(path)) for path in paths]


def called_with_decisions(backend: BackendProcess) -> dict[str, str]:
    """Call as a service that samples (1), and as one that does not (0); return the traces' ids."""
    ids = {}
    for flag in "01":
        trace_id = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        header = {"X-Amzn-Trace-Id": f"Root={trace_id};Parent={CALLER};Sampled={flag}"}
        response = requests.get(backend.url(HOME), headers=header, timeout=10)
        ids[flag] = trace_id_of(response)
        assert ids[flag] == trace_id
    return ids


def test_a_running_backend_follows_the_rules(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Rate 0 without reservoir samples nothing; rate 1, and a rule that came later, hold without a restart.

    What was decided before arrives as X-Ray's statistics. A caller's decision stands against any rule.
    """
    stage.set_rate(0)
    late_rule = f"{stage.name}-late"
    with stage.serving(tmp_path) as backend:
        before = trace_ids(backend, *[HOME] * 10)
        assert tracing_of(backend)["queue"]["recorded"] == 0
        called = called_with_decisions(backend)
        assert rule_of(backend, stage.name)["matched"] == 10
        stage.set_rate(1)
        stage.add_rule(late_rule, priority=8998, rate=0, path="/api/message_*")
        until(lambda: rule_of(backend, stage.name), lambda rule: rule["fixed_rate"] == 1)
        until(lambda: rule_of(backend, late_rule), bool)
        told = until(lambda: reported(xray, stage.name), lambda sums: sums["requests"] > 0)
        assert told == {"requests": 10, "sampled": 0, "borrowed": 0}
        late = trace_ids(backend, *["/api/message_groups"] * 10)
        after = trace_ids(backend, *[HOME] * 10)
        recorded = in_both(xray, stage.honeycomb, [*after, called["1"]], spans=2)
        counts = rule_of(backend, stage.name)
        assert (counts["matched"], counts["sampled"]) == (20, 10)
        assert (rule_of(backend, late_rule)["matched"], rule_of(backend, late_rule)["sampled"]) == (10, 0)
    for spans in recorded[called["1"]]:
        assert CALLER in {span.parent_id for span in spans.values()}
    unrecorded = [*before, *late, called["0"]]
    assert in_xray(xray, unrecorded) == in_honeycomb(stage.honeycomb, unrecorded) == {}


def test_both_sinks_have_the_same_sample(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Of mixed requests, half of them sampled, X-Ray and Honeycomb have the very same; no health check."""
    stage.set_rate(0.5)
    paths = (HOME, "/api/activities/none", "/api/message_groups", "/api/nothing", "/health")
    with stage.serving(tmp_path) as backend:
        ids = {path: trace_ids(backend, *[path] * (REQUESTS // len(paths))) for path in paths}
        backend_health = tracing_of(backend)["rules"]
        assert backend.stop() == 0
    mixed = [trace_id for path in paths[:-1] for trace_id in ids[path]]
    sampled = set(in_honeycomb(stage.honeycomb, mixed))
    counts = {rule["name"]: (rule["matched"], rule["sampled"]) for rule in backend_health}
    assert counts[stage.name] == (len(mixed), len(sampled))
    assert 0 < len(sampled) < len(mixed)
    assert counts[stage.health_rule][0] >= len(ids["/health"])
    assert counts[stage.health_rule][1] == 0
    in_both(xray, stage.honeycomb, sampled, spans=1)
    assert set(in_xray(xray, mixed)) == sampled
    assert in_xray(xray, ids["/health"]) == in_honeycomb(stage.honeycomb, ids["/health"]) == {}
