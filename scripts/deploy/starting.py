"""The local cloud under a local deployment: started where it does not run, as `make local-up` starts it."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from scripts import localcloud_process, paths
from scripts.commands import local_up
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from scripts.output import Output


def start(output: Output) -> None:
    """Start the local cloud unless it is there. Raises OperatorError where it does not come up."""
    if _is_there():
        return
    output.say("the local cloud does not run: it is started, and stays until `make local-down`")
    code = local_up.run(Namespace(aws_port=0, daemon_port=0, honeycomb_port=0))
    if code != 0:
        raise OperatorError("the local cloud did not come up", remedy="run `make local-up`")


def _is_there() -> bool:
    """Tell whether it runs, or addresses were given by hand: those of one that is not ours to start."""
    if localcloud_process.running() is not None:
        return True
    return (paths.local_folder() / "env").exists() and not localcloud_process.addresses_file().exists()
