"""What the parts of the AWS endpoint share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.calls import CallLog


@dataclass
class AwsState:
    """Switches and records of the AWS endpoint. `daemon_counters` tells what the daemon counts."""

    authorise: bool = False
    calls: CallLog = field(default_factory=CallLog)
    daemon_counters: Callable[[], dict[str, Any]] = dict
