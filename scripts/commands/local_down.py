"""``local-down``: end the local cloud and remove what only it gave meaning to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import local_setup, localcloud_process
from scripts.deploy import local_process
from scripts.output import Output
from scripts.terragrunt import provider

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "End the local cloud; its resources go with it."


def add_arguments(parser: ArgumentParser) -> None:
    """Take no options."""


def run(arguments: Namespace) -> int:  # noqa: ARG001 - each command is called alike
    """End exactly what local-up started, and before it what a deployment started."""
    output = Output()
    with output.step("the deployed backend ends"):
        backend = local_process.stop()
    local_process.clean_up()
    provider.end_left_over()
    if backend is not None:
        output.say(f"the deployed backend has ended (process {backend.pid})")
    cloud = localcloud_process.running()
    if cloud is not None:
        with output.step("the local cloud ends"):
            localcloud_process.stop(cloud)
    local_setup.clean_up()
    what = "was not running" if cloud is None else f"is down (process {cloud.pid} has ended)"
    output.summary(f"local-down: the local cloud {what}")
    return 0
