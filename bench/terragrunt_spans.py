"""How long a command runs, and for how much of that a Terraform does, by Terragrunt's own spans."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import commands
from scripts.telemetry import parent
from scripts.telemetry.receiver import Receiver
from scripts.telemetry.recording import EXPORTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TERRAFORM = "run_terraform"
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Timing:
    """Wall seconds of a whole command, and those of them in which at least one Terraform ran."""

    whole: float
    terraform: float


def timed(command: Sequence[str], environment: Mapping[str, str]) -> Timing:
    """Run *command*, one of ours or Terragrunt itself, to its end.

    Raises CommandFailedError, also where Terragrunt told of no run of Terraform.
    """
    trace_id = (int(time.time()) << 96) | random.getrandbits(96)
    receiver = Receiver(trace_id)
    told = {
        parent.VARIABLE: parent.write(trace_id, random.getrandbits(63) | 1),
        EXPORTER: "http",
        f"{EXPORTER}_HTTP_ENDPOINT": receiver.address,
        f"{EXPORTER}_INSECURE_ENDPOINT": "true",
    }
    try:
        whole = commands.wall_seconds(command, environment={**environment, **told})
    finally:
        receiver.close()
    if receiver.refused:
        raise commands.CommandFailedError(
            f"{' '.join(command)}: {receiver.refused} of Terragrunt's spans were too many to keep"
        )
    runs = [(span.start_ns, span.end_ns) for span in receiver.spans() if span.name == _TERRAFORM]
    if not runs:
        raise commands.CommandFailedError(f"{' '.join(command)}: Terragrunt told of no run of Terraform")
    return Timing(whole, covered(runs) / _NANOSECONDS)


def covered(intervals: Iterable[tuple[int, int]]) -> int:
    """Return how much *intervals*, (start, end) each, cover together: what two of them share counts once."""
    total = 0
    until: int | None = None
    for start, end in sorted(intervals):
        begins = start if until is None else max(start, until)
        if end > begins:
            total += end - begins
        until = end if until is None else max(end, until)
    return total
