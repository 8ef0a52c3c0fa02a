"""``forecast``: a day's access log of 1,000,000 requests, against bare Python that splits the same lines.

Ours is the whole command: rules rendered and asked for, the log read, both lists forecast second by second,
rules within a budget found, and the picture drawn.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bench import commands, local_cloud
from bench.figures import Figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("forecast",)
REQUESTS = 1_000_000
ROUNDS = 5
BUDGET = "300"
"""More than the rules cost: the command's exit code is 0, and rules within it are looked for all the same."""
_BEGIN = 1_795_132_800
_DAY_SECONDS = 86_400
_ROUTES = {
    "GET /api/activities/home": 50,
    "GET /api/activities/notifications": 20,
    "GET /api/message_groups": 10,
    "GET /api/activities/@andrew{}": 8,
    "POST /api/activities": 5,
    "GET /api/activities/search?term=x{}": 4,
    "GET /health": 2.5,
    "POST /api/messages": 0.4,
    "GET /made-up-{}.php": 0.1,
    "GET /rollbar/test": 0.001,
}
_BARE = """
import sys
with open(sys.argv[1]) as log:
    for line in log:
        line.split()
"""


def measure() -> Iterator[Figure]:
    """Yield the figure, in wall seconds."""
    with tempfile.TemporaryDirectory() as folder, local_cloud.applied():
        log, picture = Path(folder) / "access.log", Path(folder) / "forecast.svg"
        _write(log)
        options = ("--traffic", str(log), "--budget", BUDGET, "--format", "json", "--out", str(picture))
        medians = interleaved(
            {
                "ours": partial(commands.wall_seconds, commands.scripts("forecast", *options)),
                "bare": partial(commands.wall_seconds, [sys.executable, "-c", _BARE, str(log)]),
            },
            ROUNDS,
        )
    yield Figure.of("forecast", medians["ours"], "s", medians["bare"])


def _write(log: Path) -> None:
    """Write the log: more by day than by night, the same at each run."""
    random = Random(1)
    seconds = sorted(int(_DAY_SECONDS * random.betavariate(2, 2)) for _ in range(REQUESTS))
    requests = random.choices(list(_ROUTES), list(_ROUTES.values()), k=REQUESTS)
    with log.open("w") as target:
        for second, request in zip(seconds, requests, strict=True):
            time = datetime.fromtimestamp(_BEGIN + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
            status = 404 if ".php" in request else 500 if random.random() < 0.002 else 200
            asked = request.format(random.randrange(500))
            target.write(
                f'10.0.0.{random.randrange(255)} - - [{time}] "{asked} HTTP/1.1" {status} 1234 "-"'
                ' "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"\n'
            )
