"""The usual OpenTelemetry variables: alone, without AWS, and on top of what SSM says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.backend.process.backend_process import flask_run, free_port, started
from tests.end_to_end.backend import KEY_PARAMETER, control, trace_id_of, tracing_of, until
from tests.end_to_end.traces import in_both, in_honeycomb, in_xray

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.end_to_end.backend import Stage

HOME = "/api/activities/home"
CLOSED_PORT_URL = "http://127.0.0.1:9"
WRONG_KEY = "hcaik_" + "q" * 58


@pytest.mark.parametrize("slash", ["", "/"])
def test_flask_run_with_the_usual_variables(
    stage: Stage, xray: XRayClient, tmp_path: Path, slash: str
) -> None:
    """Endpoint, headers and service name are enough: traces arrive, and AWS is never called.

    The second time AWS's own variables are set too: without a parameter path they are not used.
    """
    access_key = f"test-{stage.name}"
    aws = {**stage.environment(), "AWS_ACCESS_KEY_ID": access_key, "TRACING_PARAMETER_PATH": ""}
    environment = {
        **(aws if slash else {}),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{stage.honeycomb}{slash}",
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={stage.key}",
        "OTEL_SERVICE_NAME": stage.name,
    }
    port = free_port()
    with started(flask_run(port), tmp_path, environment, port=port) as backend:
        backend.wait_until_serving()
        trace_id = trace_id_of(backend.get(HOME))
        assert tracing_of(backend)["mode"] == "otlp"
        assert backend.stop() == 0
        assert stage.key not in backend.output()
    spans = in_honeycomb(stage.honeycomb, [trace_id])[trace_id].values()
    assert {span.fields["name"] for span in spans} == {f"GET {HOME}", "home-activities"}
    assert {span.fields["dataset"] for span in spans} == {stage.name}
    assert in_xray(xray, [trace_id]) == {}
    calls = control(stage.addresses["AWS_ENDPOINT_URL"], "calls")
    assert [call for call in calls if call["access_key"] == access_key] == []


def test_explicit_variables_win_over_parameters(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Endpoint, key and service name of the environment count, though SSM has others; X-Ray goes on."""
    stage.put("honeycomb/endpoint", CLOSED_PORT_URL)
    stage.put(KEY_PARAMETER, WRONG_KEY)
    service = f"{stage.name}-explicit"
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": stage.name, "ServiceName": service})
    explicit = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": stage.honeycomb,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={stage.key}",
        "OTEL_SERVICE_NAME": service,
    }
    with stage.serving(tmp_path, TRACING_REQUIRED="true", **explicit) as backend:
        trace_id = trace_id_of(backend.get(HOME))
        ours, theirs = in_both(xray, stage.honeycomb, [trace_id], spans=2)[trace_id]
        assert tracing_of(backend)["sinks"]["honeycomb"]["dropped"] == {}
    assert service in {span.fields["name"] for span in ours.values()}
    assert {span.fields["service.name"] for span in theirs.values()} == {service}


def test_an_explicit_key_wins_over_the_parameters(stage: Stage, tmp_path: Path) -> None:
    """A key of the environment is sent to the endpoint that SSM names; the parameter may even be absent."""
    stage.remove(KEY_PARAMETER)
    headers = f"x-honeycomb-team={stage.key}"
    with stage.serving(tmp_path, TRACING_REQUIRED="true", OTEL_EXPORTER_OTLP_HEADERS=headers) as backend:
        trace_id = trace_id_of(backend.get(HOME))
        until(lambda: in_honeycomb(stage.honeycomb, [trace_id]), lambda found: trace_id in found)
