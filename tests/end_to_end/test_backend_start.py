"""A start without what tracing needs: one line and exit code 4 where it is required, else served untraced."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.backend import KEY_PARAMETER, refused_start, trace_id_of, tracing_of, until
from tests.end_to_end.traces import in_both

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.end_to_end.backend import Stage

HOME = "/api/activities/home"


@dataclass(frozen=True)
class Case:
    """What is wrong (a parameter removed or rewritten, other variables), and the words of its line."""

    told: tuple[str, ...]
    removed: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "key missing": Case(("{path}/honeycomb/api-key is missing", "make apply"), removed=KEY_PARAMETER),
    "group missing": Case(
        ("group no-such-group does not exist", "make apply"), written={"xray/group-name": "no-such-group"}
    ),
    "rule missing": Case(
        ("rule no-such-rule does not exist", "make apply"),
        written={"xray/sampling-rule-name": "no-such-rule"},
    ),
    "expired token": Case(
        ("expired", "renew"), environment={"AWS_SESSION_TOKEN": "localcloud-expired-token"}
    ),
    "no credentials": Case(
        ("credentials are missing", "AWS_"),
        environment={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    ),
    "wrong region": Case(("{path}", "eu-west-1", "AWS_REGION"), environment={"AWS_REGION": "eu-west-1"}),
    "wrong path": Case(
        ("/cruddur/nowhere/backend-flask", "TRACING_PARAMETER_PATH"),
        environment={"TRACING_PARAMETER_PATH": "/cruddur/nowhere/backend-flask"},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_required_tracing_that_cannot_start(stage: Stage, tmp_path: Path, case: Case) -> None:
    """The line names what is wrong and the remedy, and no secret."""
    if case.removed is not None:
        stage.remove(case.removed)
    for name, value in case.written.items():
        stage.put(name, value)
    line = refused_start(tmp_path, stage.environment(**case.environment))
    for words in case.told:
        assert words.format(path=stage.path) in line
    assert stage.key not in line


def test_an_endpoint_that_is_down(stage: Stage, tmp_path: Path) -> None:
    """An endpoint where nobody listens is named."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        line = refused_start(tmp_path, stage.environment(AWS_ENDPOINT_URL=url))
    assert f"{url} can't be reached" in line
    assert "AWS_ENDPOINT_URL" in line


def test_tracing_is_taken_up_once_the_cause_is_mended(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Not required: requests are served untraced and the cause is named; no restart is needed."""
    stage.remove(KEY_PARAMETER)
    with stage.serving(tmp_path) as backend:
        worker = backend.worker_pid()
        untraced = backend.get(HOME)
        assert untraced.status_code == 200
        assert "X-Amzn-Trace-Id" not in untraced.headers
        [problem] = tracing_of(backend)["problems"]
        assert f"{stage.path}/{KEY_PARAMETER} is missing" in problem
        stage.put(KEY_PARAMETER, stage.key)
        document = until(lambda: tracing_of(backend), lambda said: said["loaded_at"] is not None)
        assert (document["problems"], document["worker"]["pid"]) == ([], worker)
        in_both(xray, stage.honeycomb, [trace_id_of(backend.get(HOME))], spans=2)
        told = [line["message"] for line in backend.log() if KEY_PARAMETER in line["message"]]
        assert len(told) == 1, told


def test_a_wrong_honeycomb_key(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Said once; spans wait for a new key until the stop. Requests are served, and X-Ray has every trace."""
    wrong = "hcaik_" + "q" * 58
    stage.put(KEY_PARAMETER, wrong)
    with stage.serving(tmp_path) as backend:
        ids = []
        for _ in range(2):
            response = backend.get(HOME)
            assert response.status_code == 200
            ids.append(trace_id_of(response))
            document = until(
                lambda: tracing_of(backend),
                lambda said: "401" in (said["sinks"]["honeycomb"]["last_error"] or ""),
            )
        assert (document["sinks"]["honeycomb"]["sent"], document["sinks"]["honeycomb"]["dropped"]) == (0, {})
        until(lambda: tracing_of(backend)["sinks"]["xray"]["sent"], lambda sent: sent == 4)
        told = [line["message"] for line in backend.log() if "(401)" in line["message"]]
        assert backend.stop() == 0
        assert wrong not in backend.output()
        ends = [line for line in backend.log() if line["message"].startswith("tracing stopped")]
    dropped = [cause for line in ends for cause in line["sinks"]["honeycomb"]["dropped"].items()]
    assert sum(spans for _, spans in dropped) == 4, ends
    assert {cause for cause, _ in dropped} == {"401"}, ends
    assert len(told) == 1, told
    assert "honeycomb/api-key" in told[0]
    assert "make rotate-honeycomb-key" in told[0]
    until(lambda: xray.batch_get_traces(TraceIds=ids)["Traces"], lambda found: len(found) == len(ids))
