"""The backend that runs: what its workers loaded, and whether a request's trace arrives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.faults.fault import Fault, Found, Look
from tests.faults.planted.ids import APPLY, EFFECTIVE, GROUP, HOME, OF_AUTH, RULE
from tests.faults.world import NAME, PATH

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_backend = partial(Fault, look=Look.BACKEND)
_logs = partial(Fault, look=Look.LOGS)
_probe = partial(Fault, look=Look.PROBE)
_LOADED = ("loaded.parameters", "loaded.group", "loaded.rules", "loaded.key")
_AFTER = ("probe.xray", "probe.honeycomb")
_NOTHING = "127.0.0.1:9"


def _rotates(hand: Hand) -> None:
    hand.asks_key_version(2)
    described = "Honeycomb API key, version 2"
    hand.puts("honeycomb/api-key", hand.makes_key("ingest"), "SecureString", Description=described)


def _revokes(hand: Hand) -> None:
    hand.puts_key("hcaik_" + 58 * "w").serves()


def _older(loaded: dict[str, Any]) -> None:
    loaded |= {"version": "0.0.9", "host": "task-of-yesterday"}


FAULTS = (
    _backend(
        "applied-and-not-restarted",
        "Applied another rate; the workers still decide by the old one.",
        lambda hand: hand.asks(sampling_rules={"service": {"fixed_rate": 0.9}}).applies(),
        {
            "loaded.rules": Found(
                "0.9 in AWS, 0.1 loaded; different: AWS/loaded", "wait 5 minutes and look again"
            )
        },
    ),
    _backend(
        "changed-by-aws-under-running-workers",
        "Ran `aws xray update-sampling-rule` and `update-group` while the backend ran.",
        lambda hand: hand.changes_rule(NAME, FixedRate=0.75).changes_group(FilterExpression="fault"),
        {
            RULE: Found("FixedRate=0.75", APPLY),
            HOME: Found("5 a second, then 75 %", APPLY),
            GROUP: Found("filter=fault", APPLY),
            "loaded.rules": Found("FixedRate: 0.75 in AWS, 0.1 loaded", APPLY),
            "loaded.group": Found("group: filter: fault in AWS", APPLY),
        },
        also=(EFFECTIVE,),
    ),
    _backend(
        "parameter-changed-under-running-workers",
        "Pointed the backend at another group by hand; its workers have the old one.",
        lambda hand: hand.puts("xray/group-name", "somebody-elses"),
        {
            f"ssm.parameter.{PATH}/xray/group-name": Found("value=somebody-elses", APPLY),
            "loaded.parameters": Found("parameter xray/group-name: somebody-elses", APPLY),
        },
    ),
    _backend(
        "rotated-with-old-workers",
        "Rotated the key; the workers still send with the old one.",
        _rotates,
        {"loaded.key": Found("version 1", "restart the workers that are named")},
    ),
    _backend(
        "backend-of-another-environment",
        "Asked the backend that they had started for dev.",
        lambda hand: hand.copies_parameters("/cruddur/dev/backend-flask").serves(
            TRACING_PARAMETER_PATH="/cruddur/dev/backend-flask"
        ),
        {
            "loaded.workers": Found(
                "parameters of /cruddur/dev/backend-flask", f"TRACING_PARAMETER_PATH={PATH}"
            )
        },
        also=_LOADED,
    ),
    _backend(
        "something-else-at-the-backends-address",
        "Gave the front end's address.",
        lambda hand: hand.gives("--backend", hand.world.addresses["HONEYCOMB_API_ENDPOINT"]),
        {"loaded.workers": Found("answers HTTP 404", "correct BACKEND")},
        also=_LOADED,
    ),
    _backend(
        "no-backend-there",
        "The backend isn't started.",
        lambda hand: hand.gives("--backend", f"http://{_NOTHING}"),
        {"loaded.workers": Found("can't be reached", "start it with `make backend`, or correct BACKEND")},
        also=_LOADED,
    ),
    _logs(
        "worker-not-heard-of",
        "Three workers should run; one hangs in its start.",
        lambda hand: hand.gives("--workers", "3"),
        {"loaded.workers": Found("1 of 3 not heard of", "see whether they run")},
    ),
    _logs(
        "two-versions-in-a-rollout",
        "A rollout has stopped half way: a task of the old version still serves.",
        lambda hand: hand.tells_of_a_worker(_older).gives("--workers", "3"),
        {"loaded.workers": Found("version 0.0.9 in task-of-yesterday", "wait until the rollout is over")},
    ),
    _probe(
        "probe-without-a-backend",
        "Sent the probe before the backend was up.",
        lambda hand: hand.gives("--backend", f"http://{_NOTHING}"),
        {
            "probe.backend": Found("not reached", "start it with `make backend`"),
            "loaded.workers": Found("can't be reached", "start it with `make backend`"),
        },
        also=(*_LOADED, *_AFTER),
    ),
    _probe(
        "probe-to-workers-with-an-old-key",
        "Rotated the key, and sent a probe before the workers had the new one.",
        _rotates,
        {
            "probe.backend": Found(
                "still holds version 1 of the key, SSM has version 2", "TRACING_PARAMETER_POLL"
            ),
            "loaded.key": Found("version 1", "restart the workers that are named"),
        },
        also=_AFTER,
    ),
    _probe(
        "probe-without-a-daemon",
        "Nothing listens where the backend sends its segments.",
        lambda hand: hand.serves(AWS_XRAY_DAEMON_ADDRESS=_NOTHING),
        {"probe.xray": Found("not taken by the X-Ray daemon", "start the X-Ray daemon")},
    ),
    _probe(
        "probe-with-a-revoked-key",
        "Revoked the key at Honeycomb: X-Ray has the trace, Honeycomb refuses it.",
        _revokes,
        {
            "probe.honeycomb": Found("HTTP 401", "make rotate-honeycomb-key"),
            "honeycomb.key": Found("refused (HTTP 401)", "make rotate-honeycomb-key"),
        },
        also=OF_AUTH,
    ),
)
