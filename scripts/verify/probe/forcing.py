"""``probe.backend``: was the probe forced; if not, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.probe.header import HEADER_NAME, VALID_SECONDS, Refusal

if TYPE_CHECKING:
    from scripts.verify.probe.backend import Seen
    from scripts.verify.probe.header import Answer
    from scripts.verify.probe.request import Sent

CHECK_ID = "probe.backend"
_PROXY = f"let the proxy before the backend pass {HEADER_NAME} and X-Amzn-Trace-Id on as they are"
_LOG = "look at the backend's log"


@dataclass(frozen=True)
class Asked:
    """What was sent: where to, with which version of the key (None: the operator's own)."""

    address: str
    key_version: int | None

    @property
    def expected(self) -> str:
        """What should come of it, in words."""
        return f"{self.address} records a request that the operator signed"


def result(asked: Asked, sent: Sent, before: Seen | None) -> Result:
    """Return the check's outcome."""
    answer = sent.answer
    if answer is None:
        actual, remedy = _without_answer(sent, before)
        return failed(CHECK_ID, asked.expected, actual, remedy)
    if answer.refusal is None:
        held = "" if answer.key_version is None else f", which holds version {answer.key_version} of the key"
        actual = (
            f"trace {sent.trace_id}, by worker {_who(answer)}{held}, in {sent.took_seconds * 1000:.0f} ms"
        )
        return passed(CHECK_ID, asked.expected, actual)
    if answer.refusal == Refusal.NO_KEY:
        return impossible(asked, before)
    actual, remedy = _refused(asked, sent, answer.refusal, before)
    by = "" if answer.pid is None else f" by worker {_who(answer)}"
    return failed(CHECK_ID, asked.expected, f"not forced{by}: {actual}", remedy)


def _who(answer: Answer) -> str:
    return f"{answer.pid}" if answer.worker is None else f"{answer.pid} ({answer.worker})"


def impossible(asked: Asked, before: Seen | None) -> Result:
    """Return that no probe can be forced there, because the backend holds no key to check it by."""
    why = {
        "collector": "in mode collector the collector alone has Honeycomb's key",
        "otlp": "in mode otlp it has a key only where OTEL_EXPORTER_OTLP_HEADERS holds x-honeycomb-team",
    }.get("" if before is None else before.mode, "it reads none with these settings")
    return Result(
        CHECK_ID,
        Status.SKIP,
        asked.expected,
        f"no probe is possible: the backend holds no Honeycomb key ({why})",
        "send it a request with a caller's decision from a trusted network instead, see docs/tracing.md",
    )


def _without_answer(sent: Sent, before: Seen | None) -> tuple[str, str]:
    if 300 <= sent.status < 400:
        return (
            f"redirected (HTTP {sent.status}) to {sent.location[:200] or 'nowhere'}",
            "set BACKEND to the address that it is redirected to",
        )
    answered = f"answered with HTTP {sent.status}"
    if before is not None and before.possible is None:
        if before.mode == "off":
            return f"{answered}, untraced: tracing is off", "start the backend with TRACING_PARAMETER_PATH"
        if before.problems:
            return f"{answered}, untraced: {before.problems[0]}", "mend that, see /health/tracing"
        return f"{answered}, by a backend that knows no probes", "start the backend of this version"
    if sent.status >= 400:
        return f"{answered}: not by the traced backend", "set BACKEND to the backend's own address"
    return (
        f"{answered}, without a word about the probe: not by the traced backend, or a proxy has taken it out",
        _PROXY,
    )


def _refused(asked: Asked, sent: Sent, refusal: str, before: Seen | None) -> tuple[str, str]:
    if refusal == Refusal.SIGNATURE:
        return _other_key(asked, before)
    if refusal == Refusal.CLOCK:
        return _other_time(sent)
    told = {
        Refusal.REPLAYED: ("the same request came twice", "find the proxy that repeats requests"),
        Refusal.MALFORMED: (f"{HEADER_NAME} arrived changed", _PROXY),
        Refusal.NO_TRACE: ("X-Amzn-Trace-Id arrived without its Root", _PROXY),
        Refusal.OTHER_TRACE: (
            "something in between has put a traceparent of another trace beside X-Amzn-Trace-Id",
            "let what is in between add no traceparent of its own, or give BACKEND an address behind it",
        ),
        Refusal.TOO_MANY: ("too many probes in two minutes", "wait two minutes"),
        Refusal.DECIDED: (
            "an OpenTelemetry instrumentation around the middleware had decided before it",
            "let init_tracing be the outermost middleware",
        ),
        Refusal.NOT_RECORDED: (
            "the application's own TracerProvider has left it out",
            "look at that provider's sampler: what it drops, no one can record",
        ),
    }
    known = next((reason for reason in told if reason == refusal), None)
    return (f"refused ({refusal[:40]})", _LOG) if known is None else told[known]


def _other_key(asked: Asked, before: Seen | None) -> tuple[str, str]:
    """Return what /health/tracing explains: the answer tells who couldn't sign nothing of its key."""
    if asked.key_version is None:
        return (
            "signed with HONEYCOMB_API_KEY, and the worker holds another key",
            "export the key that the backend's OTEL_EXPORTER_OTLP_HEADERS holds",
        )
    if before is None:
        return (
            f"signed with version {asked.key_version} of SSM's key, and the worker holds another",
            "let /health/tracing be read, which tells the workers' versions; or restart the backend",
        )
    if before.possible and before.key_version is None:
        return (
            f"signed with version {asked.key_version} of SSM's key, and the worker holds one of a variable",
            "export that one as HONEYCOMB_API_KEY, or unset it in the backend's OTEL_EXPORTER_OTLP_HEADERS",
        )
    others = sorted(before.key_versions - {asked.key_version})
    if others:
        held = " and ".join(map(str, others))
        return (
            f"a worker still holds version {held} of the key, SSM has version {asked.key_version}",
            "wait until it looks again (TRACING_PARAMETER_POLL), or restart the backend",
        )
    return (
        f"signed with version {asked.key_version} of the key, which the workers say they hold too",
        "is it a backend of this environment and account; does a proxy change the path of requests",
    )


def _other_time(sent: Sent) -> tuple[str, str]:
    skew = ""
    if sent.ahead_seconds is not None:
        way = "ahead of" if sent.ahead_seconds > 0 else "behind"
        skew = f": the backend's is {abs(sent.ahead_seconds):.0f} s {way} this machine's"
    return f"the clocks differ by more than {VALID_SECONDS} s{skew}", "have both machines' clocks set by NTP"
