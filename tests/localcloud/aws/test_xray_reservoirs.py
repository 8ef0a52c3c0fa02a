"""How reservoirs are divided."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.xray.reservoirs import LEASE_SECONDS, ROTATION_SECONDS, Reservoir

START = 1_700_000_000.0


@given(
    size=st.integers(0, 30),
    reports=st.lists(st.tuples(st.integers(0, 7), st.floats(0, 20)), max_size=80),
)
def test_valid_leases_never_exceed_the_reservoir(size: int, reports: list[tuple[int, float]]) -> None:
    """Whoever reports when, the quotas still valid never add up to more than the reservoir."""
    reservoir = Reservoir()
    held: dict[int, tuple[int, int]] = {}
    now = START
    for client, pause in reports:
        now += pause
        lease = reservoir.lease(f"client-{client}", size, now)
        held[client] = (lease.quota, lease.expires_at)
        valid = [quota for quota, expires_at in held.values() if expires_at >= int(now)]
        assert sum(valid) <= size


@given(size=st.integers(0, 50), clients=st.integers(1, 10))
def test_steady_clients_use_all_of_the_reservoir_evenly(size: int, clients: int) -> None:
    """After two rounds of reports within one turn, the whole reservoir is given out, even but for one."""
    reservoir = Reservoir()
    start = START - START % ROTATION_SECONDS
    quotas: list[int] = []
    for step in range(3):
        quotas = [
            reservoir.lease(f"client-{client}", size, start + step * 10).quota for client in range(clients)
        ]
    assert sum(quotas) == size
    assert max(quotas) - min(quotas) <= 1


def test_one_client_has_all() -> None:
    """A single client gets the whole reservoir."""
    assert Reservoir().lease("a", 5, START).quota == 5


def test_new_client_waits_for_what_others_hold() -> None:
    """A second client gets nothing until the first reports again; then both have their share."""
    reservoir = Reservoir()
    assert reservoir.lease("a", 4, START).quota == 4
    assert reservoir.lease("b", 4, START + 1).quota == 0
    assert reservoir.lease("a", 4, START + 10).quota == 2
    assert reservoir.lease("b", 4, START + 11).quota == 2


def test_a_silent_client_gives_its_part_back() -> None:
    """When a lease is over, its part goes to those who still report."""
    reservoir = Reservoir()
    reservoir.lease("gone", 4, START)
    assert reservoir.lease("here", 4, START + LEASE_SECONDS + 1).quota == 4


def test_the_rest_goes_around() -> None:
    """A reservoir of one serves two clients in turns."""
    reservoir = Reservoir()
    served: set[str] = set()
    for step in range(40):
        for client in ("a", "b"):
            if reservoir.lease(client, 1, START + step * 10).quota:
                served.add(client)
    assert served == {"a", "b"}
