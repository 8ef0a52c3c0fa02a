"""Who sends to X-Ray for the backend: the daemon, or a collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.between import ALL, PAGE
from tests.faults.fault import Fault, Found

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_NOTHING = "127.0.0.1:9"
_VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"


def _page_for_a_daemon(hand: Hand) -> None:
    address = hand.stands_before(hand.world.addresses["AWS_ENDPOINT_URL"], {ALL: PAGE})
    hand.exports(**{_VARIABLE: address.removeprefix("http://")})


def _has_no_rights(hand: Hand) -> None:
    hand.checks_policies()
    hand.runs_daemon(access_key="AKIA" + 16 * "Q")


FAULTS = (
    Fault(
        "no-daemon",
        "The daemon isn't started, or listens elsewhere.",
        lambda hand: hand.exports(**{_VARIABLE: _NOTHING}),
        {
            "daemon": Found(
                f"tcp {_NOTHING} does not answer", f"start the X-Ray daemon there, or correct {_VARIABLE}"
            )
        },
    ),
    Fault(
        "daemon-without-credentials",
        "The daemon runs with a role that X-Ray doesn't know: it takes every segment and delivers none.",
        _has_no_rights,
        {
            "daemon": Found(
                "X-Ray refuses what it signs (HTTP 403", "give the daemon credentials of 123456789012"
            )
        },
    ),
    Fault(
        "daemon-of-another-region",
        "The daemon sends to the region of its machine's profile.",
        lambda hand: hand.runs_daemon(region="eu-west-1"),
        {"daemon": Found("signs for X-Ray of 123456789012 in eu-west-1", "the region us-east-1")},
    ),
    Fault(
        "daemon-without-a-way-out",
        "The daemon's subnet has no way to X-Ray.",
        lambda hand: hand.runs_daemon(endpoint=f"http://{_NOTHING}"),
        {"daemon": Found("gets no answer from X-Ray", "see the daemon's log")},
    ),
    Fault(
        "daemon-address-without-a-port",
        "Wrote the daemon's host without its port.",
        lambda hand: hand.exports(**{_VARIABLE: "xray-daemon"}),
        {"daemon": Found("'xray-daemon' is no host and port", "write it as host:port")},
    ),
    Fault(
        "something-else-on-the-daemons-port",
        "Another service of theirs listens on port 2000.",
        _page_for_a_daemon,
        {"daemon": Found("is no X-Ray daemon", f"correct {_VARIABLE}")},
    ),
    Fault(
        "no-collector",
        "Switched to collector mode; there is no collector yet.",
        lambda hand: hand.sets(TRACING_MODE="collector", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{_NOTHING}"),
        {"collector": Found("does not answer", "start the collector, or correct OTEL_EXPORTER_OTLP")},
    ),
    Fault(
        "honeycomb-for-a-collector",
        "Gave Honeycomb's own address in collector mode.",
        lambda hand: hand.sets(
            TRACING_MODE="collector",
            OTEL_EXPORTER_OTLP_ENDPOINT=hand.world.addresses["HONEYCOMB_API_ENDPOINT"],
        ),
        {"collector": Found("HTTP 401", "in mode collector that is the collector's to have")},
    ),
)
