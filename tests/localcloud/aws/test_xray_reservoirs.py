"""How reservoirs are divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.xray.reservoirs import LEASE_SECONDS, Reservoir

if TYPE_CHECKING:
    from random import Random

START = 1_700_000_000.0


_reports = st.lists(st.tuples(st.integers(0, 7), st.floats(0, 20)), max_size=80)


@given(size=st.integers(0, 30), reports=_reports)
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


@given(
    size=st.integers(0, 50),
    clients=st.integers(1, 8),
    before=_reports,
    orders=st.lists(st.randoms(use_true_random=False), min_size=1, max_size=6),
    pause=st.floats(0, 1.2),
)
def test_steady_clients_use_all_of_the_reservoir_evenly(
    size: int, clients: int, before: list[tuple[int, float]], orders: list[Random], pause: float
) -> None:
    """Once each client reported twice since all are known, all is given out, even but for one, and stays so.

    Clients new together that always report in the same order need two reports in all.
    """
    reservoir = Reservoir()
    now = START
    for client, wait in before:
        now += wait
        reservoir.lease(f"client-{client % clients}", size, now)
    quotas: dict[int, int] = {}
    order = list(range(clients))
    settled = 2 if len(orders) == 1 and not before else 3
    for turn in range(6):
        if turn < len(orders):
            orders[turn].shuffle(order)
        for client in order:
            now += pause
            quotas[client] = reservoir.lease(f"client-{client}", size, now).quota
            if turn >= settled:
                assert sum(quotas.values()) == size
                assert max(quotas.values()) - min(quotas.values()) <= 1


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


def test_the_rest_stays_where_it_is() -> None:
    """A reservoir of three is used in full by two clients at any time."""
    reservoir = Reservoir()
    quotas = {"a": 0, "b": 0}
    for step in range(40):
        for client in quotas:
            quotas[client] = reservoir.lease(client, 3, START + step * 10).quota
            assert step < 2 or quotas == {"a": 2, "b": 1}
