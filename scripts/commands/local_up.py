"""``local-up``: the local cloud in the background, its addresses, its key, its state bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import honeycomb_key, local_setup, localcloud_process, paths, secrets
from scripts.arguments import port
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Start AWS and Honeycomb on this machine, in the background."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the fixed ports; 0, the default, takes a free one."""
    for name in ("aws", "daemon", "honeycomb"):
        parser.add_argument(f"--{name}-port", type=port, default=0, help="default: a free one")


def run(arguments: Namespace) -> int:
    """Start the local cloud unless it runs already, and see that all that belongs to it is there."""
    output = Output()
    given = secrets.handed_over()
    if given is not None:
        honeycomb_key.check(given)
    local_setup.check_tools()
    cloud = localcloud_process.running()
    already = cloud is not None
    if cloud is None:
        local_setup.write_key(given)
        with output.step("the local cloud starts"):
            cloud = localcloud_process.start(
                aws_port=arguments.aws_port,
                daemon_port=arguments.daemon_port,
                honeycomb_port=arguments.honeycomb_port,
            )
    local_setup.check_same(cloud, arguments, given, running=already)
    local_setup.write_env(cloud)
    with output.step("the state bucket is made"):
        local_setup.bootstrap_state(output)
    output.say(f"AWS        {cloud.aws_endpoint_url}")
    output.say(f"X-Ray      {cloud.daemon_address} (the daemon's port, UDP and TCP)")
    output.say(f"Honeycomb  {cloud.honeycomb_api_endpoint}")
    output.say(f"variables  . {paths.shown(paths.local_folder() / 'env')}")
    state = "was running already" if already else "is up"
    output.summary(f"local-up: the local cloud {state} (process {cloud.pid})")
    return 0
