"""At which hop a trace was lost, by what the backend's worker told before and after; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.verify.probe.backend import Account, Seen

XRAY, HONEYCOMB = "xray", "honeycomb"
_DAEMON = "the X-Ray daemon"
_SAMPLING = "sampling calls through the X-Ray daemon fail"


@dataclass(frozen=True)
class Lost:
    """Where it was lost, in words, and what to do."""

    where: str
    remedy: str


def next_hop(seen: Seen, sink: str) -> str:
    """Return who gets the spans of *sink* from the backend, in words."""
    if sink == XRAY:
        return _DAEMON
    if seen.is_honeycomb:
        return "Honeycomb"
    return "the collector" if seen.mode == "collector" else "the OTLP back end"


def sink_for(seen: Seen, place: str) -> str | None:
    """Return the sink whose spans reach *place*, which both sinks are named after; None where none does.

    To X-Ray they go through a collector where there is one.
    """
    if place in seen.sinks:
        return place
    return HONEYCOMB if seen.mode == "collector" and HONEYCOMB in seen.sinks else None


def account(seen: Seen | None, worker: str | None, sink: str) -> Account | None:
    """Return the worker's account; None where it isn't known."""
    if seen is None or worker is None:
        return None
    return seen.accounts.get(worker, {}).get(sink)


def find(before: Seen | None, after: Seen | None, worker: str | None, place: str) -> Lost:
    """Return where the trace of a probe, which *worker* has forced, was lost on its way to *place*."""
    if after is None:
        return Lost(
            "recorded; what came of it isn't known, since /health/tracing can't be read",
            "let /health/tracing be read from here, or look at the backend's log",
        )
    sink = sink_for(after, place)
    if sink is None:
        return Lost(
            f"recorded, and not sent there: mode {after.mode} sends to {', '.join(after.sinks) or 'nobody'}",
            "start the backend with TRACING_PARAMETER_PATH and TRACING_MODE unset or direct",
        )
    now, then = account(after, worker, sink), account(before, worker, sink)
    hop = next_hop(after, sink)
    if now is None:
        return Lost(
            f"recorded by worker {worker or '(not told)'}, which has ended since or is on another host",
            "look at that worker's last log line, then try again",
        )
    recorded, sent, dropped = now.recorded, now.sent, now.dropped
    if then is not None:
        recorded, sent, dropped = recorded - then.recorded, sent - then.sent, dropped - then.dropped
    since = "so far" if then is None else "since just before it"
    counted = f"{since}, worker {worker} has recorded {recorded}, sent {sent} and dropped {dropped} spans"
    causes = _causes(after, worker, sink)
    if dropped > 0:
        return Lost(f"recorded, and not taken by {hop} ({counted}{causes})", _mend(hop))
    if sent > 0:
        return _beyond(after, hop, counted)
    if recorded > 0:
        return Lost(f"recorded, and waiting to be sent to {hop} ({counted}{causes})", _mend(hop))
    return Lost(
        f"said to be forced, and not recorded ({counted})", "look at the backend's log, it names the reason"
    )


def is_for_good(before: Seen | None, after: Seen, worker: str | None, place: str) -> bool:
    """Tell whether no waiting helps: all that the worker has recorded since *before* is dropped."""
    sink = sink_for(after, place)
    now, then = (account(seen, worker, sink or "") for seen in (after, before))
    if now is None or then is None:
        return False
    return now.dropped > then.dropped and now.sent == then.sent and now.recorded == now.sent + now.dropped


def _causes(after: Seen, worker: str | None, sink: str) -> str:
    if after.worker != worker or sink not in after.sinks:
        return ""
    told = after.sinks[sink]
    causes = f"; causes so far: {', '.join(sorted(told.causes))}" if told.causes else ""
    return f"{causes}; last error: {told.last_error}" if told.last_error else causes


def _beyond(after: Seen, hop: str, counted: str) -> Lost:
    sampling = next((problem for problem in after.problems if problem.startswith(_SAMPLING)), "")
    heard = f"; {sampling}" if sampling and hop == _DAEMON else ""
    if hop == _DAEMON:
        return Lost(
            f"sent by the backend, and lost in the daemon or refused by X-Ray ({counted}{heard})",
            "look at the daemon's log: does it listen there, for this region, and may its role"
            " xray:PutTraceSegments",
        )
    return Lost(
        f"sent by the backend and taken by {hop} ({counted})",
        f"look at {hop}: where does it put what it takes",
    )


def _mend(hop: str) -> str:
    if hop == _DAEMON:
        return "start the X-Ray daemon, or correct AWS_XRAY_DAEMON_ADDRESS"
    if hop == "Honeycomb":
        return "run `make rotate-honeycomb-key` where it refuses the key; else look at its status and limits"
    return f"look at {hop}, and at OTEL_EXPORTER_OTLP_ENDPOINT"
