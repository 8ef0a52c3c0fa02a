"""Two applications in one process: one session, shared where the settings are equal."""

import threading
from pathlib import Path
from typing import Any

from tests.backend.tracing.cloud import cloud
from tests.backend.tracing.servers import WAIT_SECONDS, Answer, HttpServer, Request, http_server, udp_receiver
from tests.backend.tracing.test_lifecycle import driven, leading_to, spans_of
from tests.backend.tracing.test_modes import until

PROCESS = Path(__file__).with_name("two_applications.py")
OTHER_SETTINGS = {"SERVICE_OF_THE_SECOND": "two", "RETRY_SECONDS": "0.01", "TRACING_SHUTDOWN_DEADLINE": "60"}
"""The second application's name is another; it tries again at once, and a stop has time on a busy machine."""


def variables(back_end: HttpServer, **more: str) -> dict[str, str]:
    """Return the variables of both."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": back_end.url, "OTEL_SERVICE_NAME": "one", **more}


def counts(status: Any) -> dict[str, int]:
    """Return what the process shares with its parent."""
    (worker,) = status["workers"]["running"]
    return {"recorded": worker["recorded"], **worker["sinks"]["honeycomb"]}


def causes(status: Any) -> list[str]:
    """Return why each worker told last what it loaded."""
    return [worker["loaded"]["cause"] for worker in status["loaded"]["workers"]]


def test_equal_settings_share_a_session() -> None:
    """Each request is recorded once, whichever came first, and one counter has all of them."""
    with http_server(lambda _: Answer()) as back_end, driven(PROCESS, **variables(back_end)) as process:
        for path in ("/", "/", "/second/", "/", "/second/"):
            assert process.ask(f"get {path}")
        statuses = [process.ask(f"status {name}") for name in ("first", "second")]
        assert [status["queue"]["recorded"] for status in statuses] == [5, 5]
        assert [status["problems"] for status in statuses] == [[], []]
        process.ask("stop second")
        assert process.ask("get /second/") is None
        assert process.ask("get /")
        process.ask("stop first")
        stopped = process.ask("status first")
        assert counts(stopped) == {"recorded": 6, "sent": 6, "dropped": 0}
    assert len(spans_of(back_end)) == 6


def test_resources_are_read_once() -> None:
    """The second application takes part in what the first one loaded; both ask for X-Ray's decision."""
    with (
        http_server(lambda _: Answer()) as honeycomb,
        cloud(honeycomb.url) as aws,
        udp_receiver() as daemon,
        driven(PROCESS, **leading_to(aws, daemon.getsockname())) as process,
    ):
        process.ask("start first")
        process.ask("start second")
        read = [r for r in aws.server.requests if "GetParametersByPath" in r.headers.get("x-amz-target", "")]
        assert len(read) == 1
        process.ask("get /")
        process.ask("get /second/")
        process.ask("stop first")
        process.ask("stop second")
    assert len(spans_of(honeycomb)) == 2


def test_other_settings_are_refused_until_the_first_has_stopped() -> None:
    """There is one provider: `problems` says so, the first works on, and the second is served untraced.

    Afterwards the second is traced, and what a parent is told goes on counting.
    """
    with (
        http_server(lambda _: Answer()) as back_end,
        driven(PROCESS, **variables(back_end, **OTHER_SETTINGS)) as process,
    ):
        assert process.ask("get /")
        assert process.ask("get /second/") is None
        (problem,) = process.ask("status second")["problems"]
        assert "another application of this process is traced with other settings (service_name)" in problem
        assert process.ask("get /")
        process.ask("stop first")
        until(process, lambda status: status["problems"] == [], "status second")
        assert process.ask("get /second/")
        process.ask("stop second")
        assert counts(process.ask("status second")) == {"recorded": 3, "sent": 3, "dropped": 0}
    assert [name for name, _ in spans_of(back_end)] == ["one", "one", "two"]


def test_a_session_begun_while_the_last_one_sends_is_counted_beside_it() -> None:
    """What the first still has to send, as the second begins, is in the same sums afterwards.

    The worker tells what the second loaded, and not that it stopped.
    """
    asked, answering = threading.Event(), threading.Event()

    def answer(_: Request) -> Answer:
        asked.set()
        answering.wait(WAIT_SECONDS)
        return Answer()

    with (
        http_server(answer) as back_end,
        driven(PROCESS, **variables(back_end, **OTHER_SETTINGS)) as process,
    ):
        process.ask("get /")
        assert process.ask("get /second/") is None
        process.ask("stop-aside first")
        until(process, lambda status: status["problems"] == [], "status second")
        assert asked.wait(WAIT_SECONDS)
        assert process.ask("get /second/")
        answering.set()
        process.ask("wait")
        assert causes(process.ask("status second")) == ["start"]
        process.ask("stop second")
        assert counts(process.ask("status second")) == {"recorded": 2, "sent": 2, "dropped": 0}


def test_a_child_process_has_a_session_of_its_own() -> None:
    """Of both applications, whatever the parent was doing."""
    with http_server(lambda _: Answer()) as back_end, driven(PROCESS, **variables(back_end)) as process:
        process.ask("get /")
        process.ask("get /second/")
        assert process.ask("fork /second/") == 0
        assert process.ask("get /second/")
        process.ask("stop first")
        process.ask("stop second")
        assert process.ask("status first")["queue"]["recorded"] == 3
    assert len(spans_of(back_end)) == 4
