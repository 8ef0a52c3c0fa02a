"""What X-Ray's fuzz tests have in common: how much is tried, what is stored, and what a refusal is like.

The local cloud is a process here, so that its memory can be told from ours.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import botocore.session
from hypothesis import HealthCheck, Phase, settings

from tests.localcloud.aws.raw import send
from tests.localcloud.clients.cloud import RunningCloud, running_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.aws.raw import Answer

MODEL = botocore.session.get_session().get_service_model("xray")
PATHS = {name: MODEL.operation_model(name).http["requestUri"] for name in MODEL.operation_names}
MIB = 1024 * 1024
GROWS_MAX_BYTES = 800 * MIB
PEAK_GROWS_MAX_BYTES = 800 * MIB
CODES = {
    "AccessDeniedException",
    "InvalidRequestException",
    "RuleLimitExceededException",
    "TooManyTagsException",
    "MalformedPolicyDocumentException",
    "LockoutPreventionException",
    "InvalidPolicyRevisionIdException",
    "PolicySizeLimitExceededException",
    "PolicyCountLimitExceededException",
    "ResourceNotFoundException",
}
bounded = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def fuzzed_cloud() -> Iterator[RunningCloud]:
    """Start a local cloud whose memory stays within a generous bound, whatever it is sent."""
    with running_cloud() as running:
        send(running.aws_port, "POST", "/TraceSummaries", b'{"StartTime":0,"EndTime":1}')
        running.begin_peak()
        before, peak_before = running.rss_bytes(), running.peak_bytes()
        yield running
        assert running.rss_bytes() - before < GROWS_MAX_BYTES
        assert running.peak_bytes() - peak_before < PEAK_GROWS_MAX_BYTES


def stored(cloud: RunningCloud) -> list[Any]:
    """Return everything that requests could have left, but what changes by itself."""
    whole_time = b'{"StartTime":0,"EndTime":4000000000}'
    reads = {
        "GetGroups": b"{}",
        "GetSamplingRules": b"{}",
        "ListResourcePolicies": b"{}",
        "GetSamplingStatisticSummaries": b"{}",
        "GetIndexingRules": b"{}",
        "GetTraceSegmentDestination": b"{}",
        "GetTraceSummaries": whole_time,
    }
    found = [send(cloud.aws_port, "POST", PATHS[name], body).document() for name, body in reads.items()]
    for document in found:
        document.pop("ApproximateTime", None)
    return found


def assert_refused(answer: Answer) -> None:
    """The error has X-Ray's form."""
    assert answer.status in {400, 403, 404}, answer.body[:500]
    assert answer.code in CODES
    assert answer.headers["content-type"] == "application/json"
    message = answer.document()["Message"]
    assert isinstance(message, str)
    assert 0 < len(message) < 2000
