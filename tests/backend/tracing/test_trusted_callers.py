"""Whose decision counts, and whose rate."""

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, TraceFlags, TraceState

from services.tracing.propagation import RATE_MAX, Incoming, context_of
from services.tracing.recording.trusted_callers import TrustedCallers

TOLD = Incoming(1, 2, True, trace_state=TraceState([("xray-rate", "10"), ("a", "1")]))
PARENT = SpanContext(1, 2, True, TraceFlags(1), TOLD.trace_state)


@pytest.mark.parametrize(
    ("setting", "peer", "trusts", "names"),
    [
        ("all", "203.0.113.1", True, False),
        ("all", None, True, False),
        ("ALL", "", True, False),
        ("none", "127.0.0.1", False, False),
        ("none", "", False, False),
        ("10.0.0.0/8", "10.1.2.3", True, True),
        ("10.0.0.0/8", "11.1.2.3", False, False),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True, True),
        ("10.0.0.0/8", "::ffff:11.1.2.3", False, False),
        ("127.0.0.1", "::ffff:127.0.0.1", True, True),
        ("::ffff:10.0.0.0/104", "::ffff:10.1.2.3", True, True),
        ("10.0.0.0/8, ::1", "::1", True, True),
        ("10.0.0.0/8", "", False, False),
        ("10.0.0.0/8", None, False, False),
        ("unix", "", True, True),
        ("unix", None, False, False),
        ("unix", "10.1.2.3", False, False),
        ("10.0.0.0/8,Unix", "", True, True),
        ("10.0.0.0/8,unix", "10.1.2.3", True, True),
        ("10.0.0.0/8", "no address", False, False),
    ],
)
def test_callers_are_known_by_their_connection(
    setting: str, peer: str | None, trusts: bool, names: bool
) -> None:
    """By network, IPv4 on a socket of both families as well; a Unix socket's peer has no address."""
    callers = TrustedCallers.parse(setting)
    assert (callers.trusts(peer), callers.names(peer)) == (trusts, names)


@pytest.mark.parametrize("setting", ["all,10.0.0.0/8", "10.0.0.0/8,", "unix,socket", "10.0.0.1/8"])
def test_what_is_no_network_is_refused(setting: str) -> None:
    """The message says what is expected."""
    with pytest.raises(ValueError, match="expected all, none, or networks"):
        TrustedCallers.parse(setting)


@pytest.mark.parametrize(
    ("setting", "sampled", "weight"),
    [("all", True, None), ("none", None, None), ("127.0.0.1", True, 10), ("10.0.0.0/8", None, None)],
)
def test_a_rate_counts_from_callers_that_are_listed(
    setting: str, sampled: bool | None, weight: int | None
) -> None:
    """`all` lists nobody; a rate that doesn't count travels on neither, while other members do."""
    counted = TrustedCallers.parse(setting).what_counts(TOLD, "127.0.0.1")
    assert (counted.sampled, counted.weight) == (sampled, weight)
    assert dict(counted.trace_state or {}) == {"a": "1", **({"xray-rate": "10"} if weight else {})}


@pytest.mark.parametrize(("told", "weight"), [("0", 1), ("10000", 10_000), ("10001", RATE_MAX)])
def test_a_rate_counts_up_to_a_limit(told: str, weight: int) -> None:
    """A service that is mistaken can't spoil every count."""
    assert Incoming(1, 2, True, trace_state=TraceState([("xray-rate", told)])).weight == weight


@pytest.mark.parametrize("attribute", ["network.peer.address", "net.sock.peer.addr", "net.peer.ip"])
def test_what_another_propagator_read_is_judged_by_the_spans_attributes(attribute: str) -> None:
    """An address that may be from a header doesn't count, and who isn't known isn't trusted."""
    callers = TrustedCallers.parse("10.0.0.0/8")
    for attributes, sampled in (
        ({attribute: "10.1.2.3"}, True),
        ({attribute: "11.1.2.3"}, None),
        ({"client.address": "10.1.2.3"}, None),
        ({}, None),
        (None, None),
    ):
        assert callers.told_by(PARENT, Context(), attributes).sampled is sampled


def test_what_was_judged_when_it_was_read_is_not_judged_again() -> None:
    """It is in the context; what the context has of another parent says nothing of this one."""
    callers = TrustedCallers.parse("none")
    assert callers.told_by(PARENT, context_of(TOLD), {}) is TOLD
    other = SpanContext(1, 3, True, TraceFlags(1))
    assert callers.told_by(other, context_of(TOLD), {}).sampled is None
