"""``sampling.exactness``: how many requests are sampled, and what their weighted COUNT in Honeycomb says.

Eight workers, each with sampler and poller of its own, under steady load; X-Ray divides the reservoir among
them. Counted from the moment on at which the whole reservoir is divided, over whole seconds.

Of N requests in T seconds the reservoir takes exactly R*T; each of the n = N - R*T others is sampled with
probability p, by a coin of its own. So the number sampled is expected to be R*T + p*n with the binomial's
standard deviation, sqrt(n*p*(1 - p)). The weighted COUNT adds 1 for what the reservoir took and w for what
the rate took, where w is 1/p, rounded up with the probability of its fraction f, else down: E[w] = 1/p and
E[w^2] = 1/p^2 + f*(1 - f). It is expected to be N, with standard deviation sqrt(n*(p*E[w^2] - 1)).

The same load, at the same time and under a rule of its own, goes to aws_xray_sdk's sampler. It doesn't say
which request the reservoir took, so that each of its traces can only stand for 1/p.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import boto3

from bench import commands, local_cloud
from bench.exactness_load import workers
from bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("sampling.exactness",)
WORKERS = 8
REQUESTS_PER_SECOND = 125.0
"""Of each worker: a load that two cores bear with ease, both samplers together."""
SECONDS = 130
REQUESTS_MIN = 90_000
RESERVOIR = 20
RATE = 0.15
"""1/p is no whole number, so that rounding is measured too."""
DEVIATIONS_MAX = 3.0
SHARE_MAX = 0.02
PARAMETER_PATH = "/cruddur/local/backend-flask"
OURS, LIBRARY = "bench-exactness-ours", "bench-exactness-library"


@dataclass(frozen=True)
class Window:
    """The sums of all workers over the seconds that count."""

    requests: int
    sampled: int
    trace_ids: frozenset[str]


@dataclass(frozen=True)
class Expectation:
    """A number that is expected, and its standard deviation."""

    mean: float
    deviation: float

    def says(self, what: str, value: float) -> str:
        """Say in a line how far `value` is off, and whether that is within the limits."""
        off = value - self.mean
        deviations, share = abs(off) / self.deviation, abs(off) / self.mean
        is_within = deviations <= DEVIATIONS_MAX and share <= SHARE_MAX
        return (
            f"{what}: {value:.0f}, expected {self.mean:.0f} with standard deviation {self.deviation:.0f};"
            f" off by {off:+.0f}, {deviations:.2f} standard deviations, {share:.2%}:"
            f" {'within' if is_within else 'NOT within'} {DEVIATIONS_MAX:.0f} of them and {SHARE_MAX:.0%}"
        )


def measure() -> Iterator[Figure]:
    """Yield number and weighted COUNT of ours, then of the client library.

    Raises:
        CommandFailedError: the load wasn't steady, or spans are missing: there is nothing to judge.
    """
    with local_cloud.applied() as addresses:
        for name in (OURS, LIBRARY):
            _make_rule(addresses, name)
        ours, library = _windows(addresses)
        count = _weighted_count(addresses["HONEYCOMB_API_ENDPOINT"], ours)
    number, _ = expected(ours.requests)
    library_number, library_count = expected(library.requests)
    _, counted = expected(ours.requests)
    naive = library.sampled / RATE
    for line in (
        f"{WORKERS} workers, {SECONDS} s, reservoir {RESERVOIR}/s, rate {RATE}, {ours.requests} requests",
        number.says("ours, sampled", ours.sampled),
        counted.says("ours, weighted COUNT", count),
        library_number.says("client library, sampled", library.sampled),
        library_count.says("client library, its number by 1/rate", naive),
    ):
        print(f"bench: {line}", file=sys.stderr, flush=True)
    yield Figure.of("sampling.exactness", ours.sampled, "traces", number.mean)
    yield Figure.of("sampling.exactness.count", count, "requests", counted.mean)
    worst = max(
        abs(ours.sampled - number.mean) / number.deviation, abs(count - counted.mean) / counted.deviation
    )
    yield Figure.of("sampling.exactness.deviations", worst, "standard deviations", DEVIATIONS_MAX)
    yield Figure.of("sampling.exactness.client_library", library.sampled, "traces", library_number.mean)
    yield Figure.of("sampling.exactness.client_library.count", naive, "requests", library_count.mean)


def expected(requests: int) -> tuple[Expectation, Expectation]:
    """Return what is expected of the number sampled, and of the weighted COUNT; the module says why."""
    reserved = RESERVOIR * SECONDS
    others = requests - reserved
    fraction = 1 / RATE - math.floor(1 / RATE)
    square = 1 / RATE**2 + fraction * (1 - fraction)
    number = Expectation(reserved + RATE * others, math.sqrt(others * RATE * (1 - RATE)))
    return number, Expectation(float(requests), math.sqrt(others * (RATE * square - 1)))


def _windows(addresses: dict[str, str]) -> tuple[Window, Window]:
    """Run both at once, over the same seconds."""
    environment = {**addresses, "TRACING_PARAMETER_PATH": PARAMETER_PATH, "TRACING_REQUIRED": "true"}
    count, rate = WORKERS, REQUESTS_PER_SECOND
    with (
        workers("ours", OURS, environment, count=count, rate=rate) as ours,
        workers("library", LIBRARY, addresses, count=count, rate=rate) as library,
    ):
        ours.wait_for_quotas(RESERVOIR)
        library.wait_for_quotas(RESERVOIR)
        first = int(time.time()) + 1
        time.sleep(SECONDS + 2)
        return _window("ours", ours.stop(), first), _window("library", library.stop(), first)


def _window(kind: str, held: list[dict[str, Any]], first: int) -> Window:
    """Add the seconds up. Raises CommandFailedError where one of them couldn't use up its reservoir."""
    empty = {"requests": 0, "sampled": 0, "trace_ids": []}
    cells = [worker.get(str(second), empty) for worker in held for second in range(first, first + SECONDS)]
    requests = sum(cell["requests"] for cell in cells)
    least = min(cell["requests"] for cell in cells)
    if least < RESERVOIR or requests < REQUESTS_MIN:
        raise commands.CommandFailedError(
            f"sampling.exactness: the load ({kind}) wasn't steady enough to judge: {requests} requests"
            f" (expected {REQUESTS_MIN} or more), in one worker's worst second {least}"
            f" (expected {RESERVOIR} or more): run it on a machine that does nothing else"
        )
    trace_ids = frozenset(trace_id for cell in cells for trace_id in cell["trace_ids"])
    return Window(requests, sum(cell["sampled"] for cell in cells), trace_ids)


def _weighted_count(honeycomb: str, window: Window) -> int:
    """Return the sum of SampleRate over the window's server spans, as Honeycomb stored them."""
    weights: dict[str, int] = {}
    following: int | None = 0
    while following is not None:
        with urlopen(f"{honeycomb}/_localcloud/events/{following}", timeout=30) as response:  # noqa: S310
            page = json.load(response)
        following = page["next"]
        for event in page["events"]:
            trace_id = event["data"].get("trace.trace_id")
            if trace_id in window.trace_ids:
                weights[trace_id] = weights.get(trace_id, 0) + event["samplerate"]
    missing = len(window.trace_ids) - len(weights)
    if missing:
        raise commands.CommandFailedError(
            f"sampling.exactness: Honeycomb lacks {missing} of {len(window.trace_ids)} traces"
        )
    return sum(weights.values())


def _make_rule(addresses: dict[str, str], name: str) -> None:
    """Make the rule of one service, before all others."""
    xray = boto3.Session(
        aws_access_key_id=addresses["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=addresses["AWS_SECRET_ACCESS_KEY"],
        region_name=addresses["AWS_REGION"],
    ).client("xray", endpoint_url=addresses["AWS_ENDPOINT_URL"])
    records = xray.get_sampling_rules()["SamplingRuleRecords"]
    if name in {record["SamplingRule"].get("RuleName") for record in records}:
        xray.delete_sampling_rule(RuleName=name)
    xray.create_sampling_rule(
        SamplingRule={
            "RuleName": name,
            "ResourceARN": "*",
            "Priority": 1,
            "FixedRate": RATE,
            "ReservoirSize": RESERVOIR,
            "ServiceName": name,
            "ServiceType": "*",
            "Host": "*",
            "HTTPMethod": "*",
            "URLPath": "*",
            "Version": 1,
        }
    )
