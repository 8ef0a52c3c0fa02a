"""``demo``: the main job, step by step, with a summary line each."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from scripts import environment, localcloud_process
from scripts.aws import clients
from scripts.demo import backend, both, steps, traffic
from scripts.output import Output, console

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

SUMMARY = "Show the main job on the local cloud: resources, verification, one trace in both places."
STEPS = 8


def add_arguments(parser: ArgumentParser) -> None:
    """Add nothing: the demo is always the local one."""
    parser.set_defaults(env="local")


def run(_arguments: Namespace) -> int:
    """Run every step; take down what was started, unless a terminal's user wants to look around first."""
    output = Output()
    was_running = localcloud_process.running() is not None
    with ExitStack() as clean_up:
        try:
            if not was_running:
                clean_up.callback(steps.run, output, "local-down")
            _prepare(output)
            address = clean_up.enter_context(_backend(output))
            trace_id = _traffic(output, address)
            spans = _show(output, trace_id)
            if sys.stdin.isatty() and sys.stdout.isatty():
                _stay_up(output, address)
        except steps.StepFailedError as error:
            output.summary(f"demo: {error}; what it printed is above", good=False)
            return error.code
    output.summary(f"demo: done; trace {trace_id} is in X-Ray and in Honeycomb with the same {spans} spans")
    return 0


def _prepare(output: Output) -> None:
    steps.headline(output, 1, STEPS, "tools")
    for line in steps.tools_summary():
        output.say(f"  {line}")
    for number, (command, text) in enumerate(
        (
            ("local-up", "AWS and Honeycomb on this machine"),
            ("plan", "what would be created"),
            ("apply", "X-Ray group, sampling rules, Honeycomb key in SSM"),
            ("verify", "asked for against what is there"),
        ),
        start=2,
    ):
        steps.headline(output, number, STEPS, f"{command}: {text}")
        steps.run(output, command)


@contextmanager
def _backend(output: Output) -> Iterator[str]:
    steps.headline(output, 6, STEPS, "backend: the traced Flask backend under gunicorn")
    environment.load("local")
    with ExitStack() as stack:
        with output.step("the backend starts"):
            address = stack.enter_context(backend.running())
        loaded = backend.status(address)
        rules = ", ".join(rule["name"] for rule in loaded["rules"])
        output.say(
            f"  {address} loaded {len(loaded['parameters'])} parameters, "
            f"group {loaded['group']['name']}, rules {rules}"
        )
        yield address


def _traffic(output: Output, address: str) -> str:
    steps.headline(output, 7, STEPS, "traffic: what a page asks for, some of it failing")
    with output.step("traffic"):
        answers = traffic.send(address)
        trace_id = traffic.sampled_request(address, traffic.DEEP_PATH)
    told = ", ".join(f"{count} answered {kind}" for kind, count in sorted(answers.items()))
    output.say(f"  {answers.total()} requests: {told}; then {traffic.DEEP_PATH}, sampled by the rules")
    return trace_id


def _show(output: Output, trace_id: str) -> int:
    steps.headline(output, 8, STEPS, "one and the same trace, from X-Ray and from Honeycomb")
    addresses = environment.read_local()
    client = clients(addresses["AWS_REGION"]).xray()
    with output.step("the trace arrives"):
        xray, honeycomb = both.wait(client, addresses["HONEYCOMB_API_ENDPOINT"], trace_id)
    output.show(both.side_by_side(xray, honeycomb, trace_id, width=console().width))
    count = len(both.ids(xray))
    output.say(f"  {count} spans in each, ids equal: {', '.join(sorted(both.ids(xray)))}")
    return count


def _stay_up(output: Output, address: str) -> None:
    output.say(f"The backend answers at {address}/api/activities/home; look at it with `make traces`.")
    output.say("Ctrl-C takes everything down.", style="bold")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        output.say("")
