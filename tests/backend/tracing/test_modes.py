"""The modes in a real process: who decides, who is sent to, and what is read for it."""

import json
import threading
import time
from typing import Any

import pytest

from tests.backend.tracing.bad_servers import dripping, raw_server
from tests.backend.tracing.cloud import KEY, NAME, Cloud, cloud
from tests.backend.tracing.servers import WAIT_SECONDS, Answer, Request, http_server, udp_receiver
from tests.backend.tracing.test_lifecycle import Driven, driven, leading_to, spans_of

NEW_KEY = "hcaik_" + "n" * 58
TOKEN = "rollbar/access-token"


def until(process: Driven, is_right: Any, question: str = "status") -> Any:
    """Return the status once it is right."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_right(status := process.ask(question)):
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return status


def reported(aws: Cloud) -> dict[str, int]:
    """Return how many requests were reported as matched, by rule."""
    counts: dict[str, int] = {}
    for request in aws.server.requests:
        if request.path == "/SamplingTargets":
            for document in request.json()["SamplingStatisticsDocuments"]:
                name = document["RuleName"]
                counts[name] = counts.get(name, 0) + document["RequestCount"]
    return counts


def test_to_a_collector_everything_goes_once() -> None:
    """X-Ray's rules decide, sampling calls go to the collector's proxy, and no key is needed or decrypted.

    Another secret below the path is read all the same.
    """
    with http_server(lambda _: Answer()) as collector, cloud() as aws, udp_receiver() as daemon:
        for name in ("honeycomb/endpoint", "honeycomb/dataset"):
            del aws.parameters[name]
        aws.parameters[TOKEN] = "t" * 32
        variables = leading_to(
            aws,
            daemon.getsockname(),
            TRACING_MODE="collector",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            TRACING_REQUIRED="true",
        )
        with driven(**variables) as process:
            loaded = process.read()
            answer = process.ask("get /api")
            stopped = process.ask("stop")
        daemon.settimeout(0.01)
        with pytest.raises(TimeoutError):
            daemon.recv(1)
        assert aws.decrypted == [TOKEN]
        assert reported(aws) == {NAME: 1}
    assert (loaded["mode"], loaded["problems"]) == ("collector", [])
    assert [rule["name"] for rule in loaded["rules"]] == ["cruddur-local-health", NAME, "Default"]
    assert list(loaded["sinks"]) == ["honeycomb"]
    assert set(loaded["parameters"]) == {TOKEN, "xray/group-name", "xray/sampling-rule-name"}
    assert stopped["sinks"]["honeycomb"]["sent"] == 3
    assert {span.name for _, span in spans_of(collector)} == {"GET /api", "work", "POST"}
    assert f"Root=1-{spans_of(collector)[0][1].trace_id.hex()[:8]}" in answer["header"]
    assert not {"x-honeycomb-team", "x-honeycomb-dataset"} & set(collector.requests[0].headers)


def test_a_collector_without_parameters() -> None:
    """Without a parameter path nothing of AWS is called, and the usual sampler decides."""
    with http_server(lambda _: Answer()) as collector, cloud() as aws:
        variables = {
            "TRACING_MODE": "collector",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_SERVICE_NAME": "mine",
            "AWS_ENDPOINT_URL": aws.server.url,
            "UPSTREAM": f"{aws.server.url}/upstream",
        }
        with driven(**variables) as process:
            status = process.read()
            process.ask("get /api")
        assert [request.path for request in aws.server.requests] == ["/upstream"]
    assert (status["mode"], status["group"], status["rules"]) == ("collector", None, [])
    assert {name for name, _ in spans_of(collector)} == {"mine"}


def test_an_exporter_variable_takes_no_sink_away() -> None:
    """In direct mode both sinks are at work whatever OTEL_TRACES_EXPORTER says, and problems say so."""
    with http_server(lambda _: Answer()) as honeycomb, cloud(honeycomb.url) as aws, udp_receiver() as daemon:
        variables = leading_to(aws, daemon.getsockname(), OTEL_TRACES_EXPORTER="none")
        with driven(**variables) as process:
            status = process.read()
    assert set(status["sinks"]) == {"xray", "honeycomb"}
    (problem,) = status["problems"]
    assert "OTEL_TRACES_EXPORTER=none takes nothing away in mode direct" in problem


def test_nothing_is_sent_where_no_exporter_is_wanted() -> None:
    """Without the daemon and Honeycomb, OTEL_TRACES_EXPORTER is obeyed as OpenTelemetry says."""
    with http_server(lambda _: Answer()) as back_end:
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": back_end.url,
            "OTEL_TRACES_EXPORTER": "none",
            "UPSTREAM": back_end.url,
        }
        with driven(**variables) as process:
            status = process.read()
            process.ask("get /api")
            process.ask("stop")
        assert [request.path for request in back_end.requests] == ["/"]
    assert (status["mode"], status["sinks"], status["problems"]) == ("otlp", {}, [])


def test_the_queue_is_as_large_as_the_standard_variables_say() -> None:
    """OTEL_BSP_*: what no batch of that size has taken away waits, up to the bound; before the start too."""
    release = threading.Event()

    def answer(_request: Request) -> Answer:
        release.wait(WAIT_SECONDS)
        return Answer()

    with http_server(answer) as back_end, http_server(lambda _: Answer()) as upstream:
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": back_end.url,
            "OTEL_BSP_MAX_QUEUE_SIZE": "30",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "3",
            "OTEL_BSP_SCHEDULE_DELAY": "60000",  # only a full batch goes, however slow the machine is
            "UPSTREAM": upstream.url,
        }
        with driven(**variables) as process:
            assert process.read()["queue"]["capacity"] == 30
            process.ask("get /api")
            back_end.wait_for(1)
            for _ in range(20):  # 3 spans each: 30 wait for the back end, the rest has no room there
                process.ask("get /api")
            until(process, lambda said: said["sinks"]["honeycomb"]["dropped"] == {"queue_full": 30})
            release.set()
            status = until(process, lambda said: said["sinks"]["honeycomb"]["sent"] == 33)
    assert status["queue"]["dropped"] == 0
    assert len(spans_of(back_end)) == 33
    with driven(OTEL_BSP_MAX_QUEUE_SIZE="7", UPSTREAM="http://127.0.0.1:9/") as process:
        assert process.read()["queue"]["capacity"] == 7


def test_a_new_key_is_taken_up_without_a_restart() -> None:
    """The first batch that is refused fetches it; not one span is lost, and the status tells its version."""
    accepted = [KEY]

    def answer(request: Request) -> Answer:
        return Answer(200 if request.headers["x-honeycomb-team"] == accepted[0] else 401)

    with (
        http_server(answer) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
        driven(**leading_to(aws, daemon.getsockname())) as process,
    ):
        process.read()
        aws.put("honeycomb/api-key", NEW_KEY)
        accepted[0] = NEW_KEY
        process.ask("get /api")
        status = until(process, lambda said: said["sinks"]["honeycomb"]["sent"] == 3)
    assert status["sinks"]["honeycomb"]["dropped"] == {}
    assert status["parameters"]["honeycomb/api-key"]["version"] == 4
    assert status["problems"] == []
    assert NEW_KEY not in json.dumps(status)


def test_another_endpoint_is_taken_up_without_a_restart() -> None:
    """The slow poll finds it: spans go there from then on."""
    with (
        http_server(lambda _: Answer()) as first,
        http_server(lambda _: Answer()) as second,
        cloud(first.url) as aws,
        udp_receiver() as daemon,
        driven(**leading_to(aws, daemon.getsockname(), TRACING_PARAMETER_POLL="1")) as process,
    ):
        process.read()
        aws.put("honeycomb/endpoint", second.url)
        until(process, lambda said: said["parameters"]["honeycomb/endpoint"]["version"] == 4)
        process.ask("get /api")
        process.ask("stop")
        assert len(spans_of(second)) == 3
        assert spans_of(first) == []


def test_a_key_of_the_environment_is_not_looked_for() -> None:
    """Where OTEL_EXPORTER_OTLP_HEADERS has the key, SSM is neither asked for it nor asked again."""
    with (
        http_server(lambda _: Answer(401)) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
    ):
        variables = leading_to(
            aws,
            daemon.getsockname(),
            OTEL_EXPORTER_OTLP_HEADERS="x-honeycomb-team=" + "k" * 22,
            TRACING_PARAMETER_POLL="1",
        )
        with driven(**variables) as process:
            process.read()
            process.ask("get /api")
            until(process, lambda said: said["sinks"]["honeycomb"]["dropped"] == {"401": 3})
        asked = [request for request in aws.server.requests if "x-amz-target" in request.headers]
        assert len(asked) == 1
        assert aws.decrypted == []


def test_what_was_decided_is_reported_at_the_stop() -> None:
    """X-Ray's counts are whole, though the process ends long before the next report is due."""
    with http_server(lambda _: Answer()) as honeycomb, cloud(honeycomb.url) as aws, udp_receiver() as daemon:
        with driven(**leading_to(aws, daemon.getsockname())) as process:
            process.read()
            for _ in range(7):
                process.ask("get /api")
            assert reported(aws) == {}
            process.ask("stop")
            assert reported(aws) == {NAME: 7}
        assert reported(aws) == {NAME: 7}


def test_a_stop_accounts_for_every_span_though_nobody_answers() -> None:
    """Honeycomb and the daemon's TCP side take calls and are silent: the deadline ends it all the same."""
    silent = dripping(b"", b"")
    with cloud() as aws, udp_receiver() as daemon, raw_server(silent) as (url, _):
        aws.parameters["honeycomb/endpoint"] = url.removesuffix("/v1/traces")
        variables = leading_to(aws, daemon.getsockname(), TRACING_SHUTDOWN_DEADLINE="0.3")
        host, port = daemon.getsockname()
        tcp = url.removeprefix("http://").removesuffix("/v1/traces")
        variables["AWS_XRAY_DAEMON_ADDRESS"] = f"tcp:{tcp} udp:{host}:{port}"
        with driven(**variables) as process:
            process.read()
            process.ask("get /api")
            status = process.ask("stop")
    assert status["queue"]["recorded"] == 3
    assert status["sinks"]["xray"]["sent"] == 3
    assert status["sinks"]["honeycomb"]["sent"] == 0
    assert sum(status["sinks"]["honeycomb"]["dropped"].values()) == 3
