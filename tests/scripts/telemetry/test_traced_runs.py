"""Real commands, Terragrunt and Terraform: their traces in the local X-Ray and the local Honeycomb."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.scripts.telemetry.traced import SERVICE

if TYPE_CHECKING:
    from tests.scripts.telemetry.traced import Traced

UNIT = ("--unit", "logs")


def test_a_plan_is_one_trace_in_both_sinks(traced: Traced) -> None:
    """The root is the command, Terragrunt's spans are below it, and both sinks have the same ones."""
    finished, trace_id, said = traced.run("plan", *UNIT)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    entities, events = traced.entities(trace_id), traced.events(trace_id)
    assert f"{len(events)} spans in X-Ray and Honeycomb" in said
    assert set(entities) == set(events)
    [(root_id, root)] = [
        (number, one) for number, one in events.items() if "trace.parent_id" not in one["data"]
    ]
    assert root["data"]["name"] == "make plan"
    assert root["dataset"] == SERVICE
    assert {name: root["data"][name] for name in ("environment", "units", "exit_code", "changes.logs")} == {
        "environment": "local",
        "units": "logs",
        "exit_code": 0,
        "changes.logs": "none",
    }
    assert entities[root_id]["name"] == SERVICE
    assert entities[root_id]["annotations"]["command"] == "plan"
    names = {event["data"]["name"] for event in events.values()}
    assert {"terragrunt plan", "run_terraform", "unit_run"} <= names
    for number, one in events.items():
        parent = one["data"].get("trace.parent_id", "")
        assert entities[number]["parent_id"] == parent
        assert number == root_id or parent in events


def test_the_key_is_in_no_span(traced: Traced) -> None:
    """Neither in a run that writes it, nor any folder of the operator's."""
    finished, trace_id, _ = traced.run("apply", "--unit", "honeycomb-key", HONEYCOMB_API_KEY=traced.key)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    kept = json.dumps([traced.entities(trace_id), traced.events(trace_id)])
    assert "run_terraform" in kept
    assert traced.key not in kept
    assert str(traced.checkout.root) not in kept
    assert traced.key not in finished.stdout + finished.stderr


def test_a_destroy_is_traced_though_it_removes_the_key(traced: Traced) -> None:
    """The key is read before it goes."""
    traced.checkout.succeed("apply", "--unit", "honeycomb-key")
    finished, trace_id, said = traced.run("destroy", "--unit", "honeycomb-key")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "in X-Ray and Honeycomb" in said
    root = next(one for one in traced.events(trace_id).values() if one["data"]["name"] == "make destroy")
    assert root["data"]["changes.honeycomb-key"] == "1 destroyed"


def test_a_failure_is_a_failed_trace(traced: Traced) -> None:
    """The exit code is the command's own, and the root has it."""
    text = traced.checkout.root / "terraform/backend-app/stacks/logs/broken.tf"
    text.write_text('output "broken" { value = nothing.at.all }\n')
    try:
        finished, trace_id, _ = traced.run("plan", *UNIT)
    finally:
        text.unlink()
    assert finished.returncode == 2
    root = next(one for one in traced.events(trace_id).values() if one["data"]["name"] == "make plan")
    assert (root["data"]["exit_code"], root["data"]["error"]) == (2, True)
    faults = [one["name"] for one in traced.entities(trace_id).values() if one.get("fault")]
    assert {SERVICE, "run_terraform"} <= set(faults)


def test_a_sink_that_fails_is_told_and_no_more(traced: Traced) -> None:
    """The command ends as it would, one line says what is missing, and the other sink has it all."""
    traced.fault(status=503)
    try:
        finished, trace_id, said = traced.run("plan", *UNIT)
    finally:
        traced.fault()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.splitlines()[-1] == "plan local: no changes in logs"
    assert re.search(r": \d+ spans in X-Ray; not sent to Honeycomb: \S+ answers with HTTP 503$", said)
    assert "make plan" in json.dumps(traced.entities(trace_id))
    assert traced.events(trace_id) == {}


def test_a_callers_trace_goes_on_and_the_switch_ends_it(traced: Traced) -> None:
    """What CI began holds the command's spans; switched off, there is no line of a trace."""
    _, began, _ = traced.run("plan", *UNIT)
    caller = f"00-{''.join(began.split('-')[1:])}-{'c' * 16}-01"
    _, trace_id, _ = traced.run("plan", *UNIT, TRACEPARENT=caller)
    assert trace_id == began
    roots = [one for one in traced.events(began).values() if one["data"]["name"] == "make plan"]
    assert sorted(one["data"].get("trace.parent_id", "") for one in roots) == ["", "c" * 16]
    finished, trace_id, _ = traced.run("plan", *UNIT, TRACED_BACKEND_DEPLOYMENTS="off")
    assert finished.returncode == 0
    assert (trace_id, finished.stderr) == ("", "")
