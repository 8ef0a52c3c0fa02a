"""Each hop of a probe's way broken in turn, against real gunicorn and the local cloud: the check names it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from scripts.honeycomb import answers
from scripts.verify.check import Status
from scripts.verify.probe import forcing, request
from tests.backend.process.backend_process import free_port
from tests.end_to_end.backend import KEY_PARAMETER, tracing_of, until
from tests.end_to_end.probing import Prober, daemon_of, honeycomb_fault
from tests.end_to_end.test_backend_permissions import User, authorising
from tests.end_to_end.test_probe import BACKEND, HONEYCOMB, XRAY, statuses, unlimited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import boto3

    from tests.end_to_end.backend import Stage

__all__ = ["unlimited"]

OTHER_KEY = "hcaik_" + "q" * 58
IMPATIENT_SECONDS = 4.0
FOR_EVER_SECONDS = 250.0
"""More than the test may take: what ends the wait is what is looked at."""
READS = {
    "ssm:GetParameters": "*",
    "xray:BatchGetTraces": "*",
    "xray:PutTraceSegments": "*",
    "xray:GetSamplingRules": "*",
    "xray:GetSamplingTargets": "*",
}


@pytest.fixture
def prober(stage: Stage) -> Prober:
    """Sends probes for the stage."""
    return Prober(stage)


@pytest.fixture
def user(stage: Stage, session: Callable[..., boto3.Session]) -> Iterator[User]:
    """An IAM user that may do nothing yet, while authorisation is on."""
    iam: Any = session().client("iam", endpoint_url=stage.addresses["AWS_ENDPOINT_URL"])
    iam.create_user(UserName=stage.name)
    pair = iam.create_access_key(UserName=stage.name)["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": pair["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": pair["SecretAccessKey"]}
    try:
        with authorising(stage.addresses["AWS_ENDPOINT_URL"]):
            yield User(stage.name, keys, iam)
    finally:
        for name in iam.list_user_policies(UserName=stage.name)["PolicyNames"]:
            iam.delete_user_policy(UserName=stage.name, PolicyName=name)
        iam.delete_access_key(UserName=stage.name, AccessKeyId=pair["AccessKeyId"])
        iam.delete_user(UserName=stage.name)


def test_no_backend(prober: Prober) -> None:
    """Nothing listens: not reached, and nothing more is looked for."""
    results = prober.probe(f"http://127.0.0.1:{free_port()}")
    assert statuses(results) == {BACKEND: "fail", XRAY: "skip", HONEYCOMB: "skip"}
    assert results[BACKEND].actual.startswith("not reached: ")
    assert "`make backend`" in results[BACKEND].remedy


def test_another_server(stage: Stage, prober: Prober) -> None:
    """What answers is not the traced backend: said so, no trace is looked for."""
    results = prober.probe(stage.honeycomb)
    assert results[BACKEND].status is Status.FAIL
    assert "not by the traced backend" in results[BACKEND].actual


def test_tracing_that_is_off_or_has_not_started(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """The backend's own words for why it traces nothing are passed on."""
    with stage.serving(tmp_path, OTEL_SDK_DISABLED="true") as backend:
        off = prober.probe(backend.url(""))[BACKEND]
    stage.remove("xray/group-name")
    with stage.serving(tmp_path) as backend:
        until(lambda: tracing_of(backend)["problems"], bool)
        not_started = prober.probe(backend.url(""))[BACKEND]
    assert off.actual.endswith("untraced: tracing is off")
    assert f"parameter {stage.path}/xray/group-name is missing" in not_started.actual


def test_a_rotated_key(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Signed with the new key, refused by the old: both versions are named. It passes once it is taken up."""
    with stage.serving(tmp_path, TRACING_PARAMETER_POLL="86400") as backend:
        stage.put(KEY_PARAMETER, OTHER_KEY)
        old = prober.probe(backend.url(""))
    stage.put(KEY_PARAMETER, stage.key)
    with stage.serving(tmp_path, TRACING_PARAMETER_POLL="1") as backend:
        stage.put(KEY_PARAMETER, stage.key, Description="the same again")
        until(lambda: tracing_of(backend)["probes"]["key_version"], lambda version: version == 4)
        new = prober.probe(backend.url(""))
    assert statuses(old) == {BACKEND: "fail", XRAY: "skip", HONEYCOMB: "skip"}
    assert "still holds version 1 of the key, SSM has version 2" in old[BACKEND].actual
    assert "TRACING_PARAMETER_POLL" in old[BACKEND].remedy
    assert statuses(new) == {BACKEND: "pass", XRAY: "pass", HONEYCOMB: "pass"}


def test_clocks_that_differ(stage: Stage, tmp_path: Path) -> None:
    """An operator whose clock is two minutes behind is told by how much the backend's is ahead."""
    with stage.serving(tmp_path) as backend:
        sent = request.send(backend.url(""), stage.key, clock=lambda: time.time() - 120)
    result = forcing.result(forcing.Asked(backend.url(""), 1), sent, None)
    assert result.status is Status.FAIL
    ahead = int(result.actual.partition("the backend's is ")[2].partition(" s ahead of")[0])
    assert 118 <= ahead <= 122
    assert "NTP" in result.remedy


def test_no_parameter(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Without a key in SSM nothing can be signed: the remedy is to apply."""
    with stage.serving(tmp_path) as backend:
        stage.remove(KEY_PARAMETER)
        result = prober.probe(backend.url(""))[BACKEND]
    assert result.actual == f"not signed: parameter {stage.path}/{KEY_PARAMETER} holds no key"
    assert "make apply" in result.remedy


@pytest.mark.parametrize("action", ["ssm:GetParameters", "xray:BatchGetTraces"])
def test_an_operator_who_may_not(
    stage: Stage, prober: Prober, user: User, action: str, tmp_path: Path
) -> None:
    """Each action that the operator lacks is named; without the key there is no probe."""
    user.allow({name: resource for name, resource in READS.items() if name != action})
    with stage.serving(tmp_path) as backend:
        results = replace(prober, variables=user.variables).probe(backend.url(""))
    check_id = {"ssm:GetParameters": BACKEND, "xray:BatchGetTraces": XRAY}[action]
    assert results[check_id].status is Status.FAIL
    assert f"AWS denies {action.partition(':')[2]}" in results[check_id].actual
    assert "have this action allowed" in results[check_id].remedy
    assert results[HONEYCOMB].status is (Status.SKIP if check_id == BACKEND else Status.PASS)


def test_no_daemon(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Nothing listens where the daemon should: dropped, which ends the wait; in Honeycomb all the same."""
    with stage.serving(tmp_path, AWS_XRAY_DAEMON_ADDRESS=f"127.0.0.1:{free_port()}") as backend:
        results = prober.probe(backend.url(""), seconds=FOR_EVER_SECONDS)
    assert statuses(results) == {BACKEND: "pass", XRAY: "fail", HONEYCOMB: "pass"}
    assert "not taken by the X-Ray daemon" in results[XRAY].actual
    assert "recorded 1, sent 0 and dropped 1 spans; causes so far: refused" in results[XRAY].actual
    assert "nothing listens there" in results[XRAY].actual
    assert "AWS_XRAY_DAEMON_ADDRESS" in results[XRAY].remedy


def test_a_daemon_that_x_ray_denies(stage: Stage, prober: Prober, user: User, tmp_path: Path) -> None:
    """The backend has sent it, and the daemon's role may not put it: lost behind the backend."""
    user.allow({name: "*" for name in READS if name != "xray:PutTraceSegments"})
    keys = (user.variables["AWS_ACCESS_KEY_ID"], user.variables["AWS_SECRET_ACCESS_KEY"])
    with (
        daemon_of(stage.addresses["AWS_ENDPOINT_URL"], *keys) as address,
        stage.serving(tmp_path, AWS_XRAY_DAEMON_ADDRESS=address) as backend,
    ):
        results = prober.probe(backend.url(""), seconds=IMPATIENT_SECONDS)
    assert statuses(results) == {BACKEND: "pass", XRAY: "fail", HONEYCOMB: "pass"}
    assert "sent by the backend, and lost in the daemon or refused by X-Ray" in results[XRAY].actual
    assert "has recorded 1, sent 1 and dropped 0 spans" in results[XRAY].actual
    assert "xray:PutTraceSegments" in results[XRAY].remedy


def test_honeycomb_knows_the_key_no_more(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """A key that Honeycomb refuses signs all the same: X-Ray has the trace, and the remedy is to rotate."""
    stage.put(KEY_PARAMETER, OTHER_KEY)
    with stage.serving(tmp_path) as backend:
        results = prober.probe(backend.url(""))
    assert statuses(results) == {BACKEND: "pass", XRAY: "pass", HONEYCOMB: "fail"}
    assert "Honeycomb doesn't take the key" in results[HONEYCOMB].actual
    assert "HTTP 401" in results[HONEYCOMB].actual
    assert "`make rotate-honeycomb-key" in results[HONEYCOMB].remedy
    assert OTHER_KEY not in json.dumps([vars(result) for result in results.values()])


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "ingest 429": ({"status": 429}, "waiting to be sent to Honeycomb"),
    "ingest 401": ({"status": 401}, "last error: it answers 401"),
    "ingest slow": ({"delay_seconds": 10}, "waiting to be sent to Honeycomb"),
    "queries 429": ({"status": 429, "path": "/1/query_results"}, "has had too many requests"),
    "queries 500": ({"status": 500, "path": "/1/queries"}, "HTTP 500"),
    "queries slow": ({"delay_seconds": 30, "path": "/1/queries"}, "can't be reached"),
    "auth drops": ({"drop": True, "path": "/1/auth"}, "can't be reached"),
}


@pytest.mark.parametrize(("fault", "words"), FAULTS.values(), ids=FAULTS)
def test_honeycomb_at_fault(
    stage: Stage,
    prober: Prober,
    fault: dict[str, Any],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What Honeycomb answers to the backend, and to the operator, is told; X-Ray has the trace."""
    impatient = replace(answers.BOUNDS, timeouts=(2.0, 2.0))
    monkeypatch.setattr("scripts.honeycomb.answers.BOUNDS", impatient)
    with stage.serving(tmp_path) as backend, honeycomb_fault(stage.honeycomb, **fault):
        results = prober.probe(backend.url(""), seconds=IMPATIENT_SECONDS)
    assert statuses(results) == {BACKEND: "pass", XRAY: "pass", HONEYCOMB: "fail"}
    assert words in results[HONEYCOMB].actual
    assert results[HONEYCOMB].remedy


def test_honeycomb_that_recovers(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Some answers that fail, and one that is late, cost time and nothing else."""
    with (
        stage.serving(tmp_path) as backend,
        honeycomb_fault(stage.honeycomb, status=429, retry_after=1, remaining=2, path="/1/query"),
    ):
        results = prober.probe(backend.url(""))
    assert statuses(results) == {BACKEND: "pass", XRAY: "pass", HONEYCOMB: "pass"}


def test_a_plan_without_queries(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Where the plan has no Query Data API (403), what the worker says was taken counts."""
    with (
        stage.serving(tmp_path) as backend,
        honeycomb_fault(stage.honeycomb, status=403, path="/1/query_results"),
    ):
        results = prober.probe(backend.url(""))
    assert results[HONEYCOMB].status is Status.PASS
    assert "taken by Honeycomb, by the account of worker" in results[HONEYCOMB].actual
    assert "HTTP 403" in results[HONEYCOMB].actual
