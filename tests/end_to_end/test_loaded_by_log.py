"""Three ways behind a load balancer: workers are heard of through the events in their log group."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import boto3

from tests.end_to_end.backend import Stage, until
from tests.end_to_end.loading import PATH, WORKERS, failed, loaded_by, serving, verified

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.checkout import Checkout


def forget_events(stage: Stage) -> None:
    """Leave no event of another test's workers in the log group."""
    logs = boto3.client(
        "logs",
        endpoint_url=stage.addresses["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for stream in logs.describe_log_streams(logGroupName=PATH)["logStreams"]:
        logs.delete_log_stream(logGroupName=PATH, logStreamName=stream["logStreamName"])


def test_workers_behind_a_load_balancer_are_heard_of_through_the_log(
    applied: Checkout, stage: Stage, tmp_path: Path
) -> None:
    """Their events are in the log group; one too few is not heard of; who was killed has been replaced."""
    forget_events(stage)
    with serving(stage, tmp_path, LOGS_CLOUDWATCH="true") as backend:
        number = ("--loaded", "logs", "--workers")

        def look(expected: int) -> dict[str, dict[str, str]]:
            return verified(applied, *number, str(expected))

        pids = set(loaded_by(backend))
        checks = until(
            lambda: look(WORKERS),
            lambda found: all(f"/{pid}" in found["loaded.workers"]["actual"] for pid in pids),
        )
        assert failed(checks) == [], checks
        missing = look(WORKERS + 1)
        assert failed(missing) == ["loaded.workers"]
        assert f"1 of {WORKERS + 1} not heard of" in missing["loaded.workers"]["actual"]
        killed = min(pids)
        os.kill(killed, signal.SIGKILL)
        now = until(lambda: set(loaded_by(backend)), lambda now: len(now) == WORKERS and killed not in now)
        [new] = now - pids
        checks = until(lambda: look(WORKERS), lambda found: f"/{new}" in found["loaded.workers"]["actual"])
        assert failed(checks) == [], checks
        assert backend.stop() == 0
    gone = look(WORKERS)
    assert gone["loaded.workers"]["status"] == "fail"
    assert f"{WORKERS} of {WORKERS} not heard of" in gone["loaded.workers"]["actual"]
    assert {check["status"] for check in gone.values()} == {"fail", "skip"}


def test_two_versions_during_a_rollout_are_told_apart(
    applied: Checkout, stage: Stage, tmp_path: Path
) -> None:
    """Old and new backends side by side: twice the workers, of two versions, until the old ones end."""
    forget_events(stage)
    number = ("--loaded", "logs", "--workers", str(WORKERS))
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    version = "OTEL_RESOURCE_ATTRIBUTES"
    with serving(stage, tmp_path / "new", LOGS_CLOUDWATCH="true", **{version: "service.version=2"}):
        with serving(
            stage, tmp_path / "old", LOGS_CLOUDWATCH="true", **{version: "service.version=1"}
        ) as old:
            during = until(
                lambda: verified(applied, *number)["loaded.workers"],
                lambda check: f"{WORKERS} more than the {WORKERS} expected" in check["actual"],
            )
            assert old.stop() == 0
        assert "version 1 in" in during["actual"]
        assert "version 2 in" in during["actual"]
        assert "rollout" in during["remedy"]
        assert failed(verified(applied, *number)) == []
