"""Three ways: changes by hand and by Terraform, found in what is asked for, in AWS, and in real workers."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.backend import Stage, tracing_of, until
from tests.end_to_end.loading import NAME, PATH, WORKERS, failed, loaded_by, serving, verified

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_xray import XRayClient

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.checkout import Checkout

NEVER = "86400"


def test_a_healthy_backend_passes_and_is_shown_three_ways(
    applied: Checkout, stage: Stage, tmp_path: Path, key: str
) -> None:
    """Every check passes; the table under them has a row for each thing, and nothing that drifts."""
    with serving(stage, tmp_path) as backend:
        pids = loaded_by(backend)
        checks = verified(applied, "--backend", backend.url(""))
        finished = applied.run("verify", "--backend", backend.url(""))
        assert key not in backend.output() + json.dumps(tracing_of(backend))
    assert failed(checks) == []
    assert all(str(pid) in checks["loaded.workers"]["actual"] for pid in pids)
    assert key not in finished.stdout + finished.stderr + json.dumps(checks)
    table = finished.stdout[finished.stdout.index("three ways") :]
    assert re.search(r"^three ways +asked for +in AWS +loaded +drift$", table, re.MULTILINE), table
    for row in ("parameter honeycomb/dataset", "group: filter", f"rule {NAME}", "key ", "workers "):
        assert re.search(f"^{row}", table, re.MULTILINE), table


def test_hand_made_changes_are_found_three_ways(
    applied: Checkout, stage: Stage, xray: XRayClient, ssm: SSMClient, tmp_path: Path
) -> None:
    """Rule, group and parameters changed by hand: workers that have not taken them up differ from AWS."""
    # No daemon listens there: rules stay as they were at the start.
    with serving(
        stage, tmp_path, AWS_XRAY_DAEMON_ADDRESS="127.0.0.1:9", TRACING_PARAMETER_POLL=NEVER
    ) as backend:
        try:
            xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": NAME, "FixedRate": 0.75})
            xray.update_group(GroupName=NAME, FilterExpression='service("backend-flash")')
            ssm.put_parameter(
                Name=f"{PATH}/honeycomb/dataset", Value="by-hand", Type="String", Overwrite=True
            )
            checks = verified(applied, "--backend", backend.url(""))
        finally:
            applied.succeed("apply")
    assert failed(checks) == ["loaded.parameters", "loaded.group", "loaded.rules"]
    assert checks["loaded.rules"]["expected"] == f"rule {NAME}: FixedRate: 0.1"
    assert checks["loaded.rules"]["actual"] == (
        f"rule {NAME}: FixedRate: 0.75 in AWS, 0.1 loaded; different: asked for/AWS, AWS/loaded"
    )
    assert 'service("backend-flash") in AWS' in checks["loaded.group"]["actual"]
    assert "by-hand, version" in checks["loaded.parameters"]["actual"]
    assert f"{NAME}, version" in checks["loaded.parameters"]["actual"].partition("by-hand")[2]
    for name in failed(checks):
        assert checks[name]["remedy"].startswith("run `make apply ENV=local`"), checks[name]


def test_what_workers_took_up_differs_from_what_is_asked_for(
    applied: Checkout, stage: Stage, xray: XRayClient, tmp_path: Path
) -> None:
    """AWS and workers agree on a rule made by hand and on a changed one; nobody asked for either."""
    extra = "e2e-by-hand"
    with serving(stage, tmp_path) as backend:
        try:
            xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": NAME, "ReservoirSize": 9})
            stage.xray.create_sampling_rule(
                SamplingRule={
                    "RuleName": extra,
                    "ResourceARN": "*",
                    "Priority": 1,
                    "FixedRate": 1.0,
                    "ReservoirSize": 1,
                    "ServiceName": NAME,
                    "ServiceType": "*",
                    "Host": "*",
                    "HTTPMethod": "*",
                    "URLPath": "/by-hand",
                    "Version": 1,
                }
            )
            until(
                lambda: loaded_by(backend), lambda found: all(has_rule(one, extra) for one in found.values())
            )
            checks = verified(applied, "--backend", backend.url(""))
            told = [line["loaded"] for line in backend.log() if line.get("event") == "tracing.loaded"]
        finally:
            xray.delete_sampling_rule(RuleName=extra)
            applied.succeed("apply")
    assert failed(checks) == ["loaded.rules"]
    actual = checks["loaded.rules"]["actual"]
    assert (
        f"rule {NAME}: ReservoirSize: 9 in AWS, 9 loaded; different: asked for/AWS, asked for/loaded"
        in actual
    )
    assert f"rule {extra}: Priority=1, FixedRate=1, ReservoirSize=1 in AWS" in actual
    assert {event["cause"] for event in told} == {"start", "rules"}
    assert {event["pid"] for event in told if has_rule(event, extra)} == set(loaded_by_events(told))


def has_rule(loaded: Any, name: str) -> bool:
    """Tell whether a worker loaded a rule."""
    return any(rule["name"] == name for rule in loaded["rules"])


def loaded_by_events(events: list[Any]) -> set[int]:
    """Return the pids of events."""
    return {event["pid"] for event in events}


def test_a_change_by_terraform_is_found_in_workers_that_lag(
    applied: Checkout, stage: Stage, tmp_path: Path
) -> None:
    """Applied, so that AWS has what is asked for: the workers alone differ, and need no apply."""
    file = applied.root / "terraform/backend-app/config/local/env.hcl"
    original = file.read_text()
    changed = re.sub(r"(service\s*=\s*\{[^}]*fixed_rate\s*=\s*)[0-9.]+", r"\g<1>0.9", original)
    assert changed != original
    with serving(stage, tmp_path, AWS_XRAY_DAEMON_ADDRESS="127.0.0.1:9") as backend:
        try:
            file.write_text(changed)
            before = verified(applied, "--backend", backend.url(""))["loaded.rules"]
            applied.succeed("apply", "--unit", "xray")
            after = verified(applied, "--backend", backend.url(""))["loaded.rules"]
        finally:
            file.write_text(original)
            applied.succeed("apply", "--unit", "xray")
        assert failed(verified(applied, "--backend", backend.url(""))) == []
    assert before["actual"].endswith("0.1 in AWS, 0.1 loaded; different: asked for/AWS, asked for/loaded")
    assert after["actual"].endswith("0.9 in AWS, 0.1 loaded; different: AWS/loaded, asked for/loaded")
    assert "apply" in before["remedy"]
    assert "apply" not in after["remedy"]


def test_a_rotated_key_names_the_workers_that_hold_the_old_one(
    applied: Checkout, stage: Stage, tmp_path: Path, ssm: SSMClient
) -> None:
    """Workers that don't look hold the old key until one is renewed; once all look, the check passes."""
    with serving(stage, tmp_path, TRACING_PARAMETER_POLL=NEVER) as backend:
        applied.succeed("rotate-honeycomb-key")
        old, *rest = sorted(loaded_by(backend))
        for pid in rest:
            os.kill(pid, signal.SIGKILL)
        version = ssm.get_parameter(Name=f"{PATH}/honeycomb/api-key")["Parameter"]["Version"]
        until(lambda: keys_of(backend), lambda keys: sorted(keys) == [version - 1, version, version])
        checks = verified(applied, "--backend", backend.url(""))
    assert failed(checks) == ["loaded.key"]
    assert f"version {version - 1}" in checks["loaded.key"]["actual"]
    assert checks["loaded.key"]["actual"].endswith(
        f"different: AWS/loaded ({old}), asked for/loaded ({old})"
    ), checks["loaded.key"]
    (tmp_path / "second").mkdir()
    with serving(stage, tmp_path / "second", TRACING_PARAMETER_POLL="1") as backend:
        applied.succeed("rotate-honeycomb-key")
        until(lambda: keys_of(backend), lambda keys: keys == [version + 1] * WORKERS)
        assert failed(verified(applied, "--backend", backend.url(""))) == []
        told = [line["loaded"] for line in backend.log() if line.get("event") == "tracing.loaded"]
    renewed = [event for event in told if event["cause"] == "parameters"]
    assert {event["key"]["version"] for event in renewed} == {version + 1}
    assert len({event["pid"] for event in renewed}) == WORKERS


def keys_of(backend: BackendProcess) -> list[int]:
    """Return the version of the key that each worker holds, 0 of one that has not loaded yet."""
    return [0 if loaded is None else loaded["key"]["version"] for loaded in loaded_by(backend).values()]


@pytest.mark.parametrize("worker_class", ["sync", "gthread", "gevent"])
def test_every_worker_knows_of_all_and_of_none_that_is_gone(
    applied: Checkout, stage: Stage, tmp_path: Path, worker_class: str
) -> None:
    """Each answers the same; a killed worker is gone from it, the one in its place is there."""
    with serving(stage, tmp_path, GUNICORN_WORKER_CLASS=worker_class) as backend:
        first = loaded_by(backend)
        assert {loaded["pid"] for loaded in first.values()} == set(first)
        assert {tuple(sorted(loaded["parameters"])) for loaded in first.values()} == {
            tuple(sorted(tracing_of(backend)["parameters"]))
        }
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        now = until(
            lambda: loaded_by(backend),
            lambda found: killed not in found and len(found) == WORKERS and None not in found.values(),
        )
        assert len(set(now) & set(first)) == WORKERS - 1
        os.kill(backend.process.pid, signal.SIGTTIN)
        until(lambda: tracing_of(backend)["loaded"]["wanted"], lambda wanted: wanted == WORKERS + 1)
        assert "Traceback" not in backend.output()
