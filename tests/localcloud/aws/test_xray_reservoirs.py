"""How reservoirs are divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.xray.reservoirs import CLIENTS_MAX, LATELY_SECONDS, Reservoir

if TYPE_CHECKING:
    from random import Random

START = 1_700_000_000.0


_reports = st.lists(st.tuples(st.integers(0, 7), st.floats(0, 20)), max_size=80)


@given(size=st.integers(0, 30), reports=_reports)
def test_valid_leases_never_exceed_the_reservoir(size: int, reports: list[tuple[int, float]]) -> None:
    """Whoever reports when, what those that reported lately hold is never more than the reservoir."""
    reservoir = Reservoir()
    held: dict[int, tuple[int, int]] = {}
    reported: dict[int, float] = {}
    now = START
    for client, pause in reports:
        now += pause
        lease = reservoir.lease(f"client-{client}", size, now)
        if lease is not None:
            held[client] = (lease.quota, lease.expires_at)
        reported[client] = now
        valid = [
            quota
            for client, (quota, expires_at) in held.items()
            if expires_at >= int(now) and now - reported[client] < LATELY_SECONDS
        ]
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
            lease = reservoir.lease(f"client-{client}", size, now)
            quotas[client] = 0 if lease is None else lease.quota
            if turn >= settled:
                assert sum(quotas.values()) == size
                assert max(quotas.values()) - min(quotas.values()) <= 1


def _quota(reservoir: Reservoir, client: str, size: int, now: float) -> int | None:
    lease = reservoir.lease(client, size, now)
    return None if lease is None else lease.quota


def test_one_client_has_all() -> None:
    """A single client gets the whole reservoir."""
    assert _quota(Reservoir(), "a", 5, START) == 5


def test_new_client_waits_for_what_others_hold() -> None:
    """A second client gets no quota until the first reports again; then both have their share."""
    reservoir = Reservoir()
    assert _quota(reservoir, "a", 4, START) == 4
    assert _quota(reservoir, "b", 4, START + 1) is None
    assert _quota(reservoir, "a", 4, START + 10) == 2
    assert _quota(reservoir, "b", 4, START + 11) == 2


def test_a_client_without_a_share_is_told_so() -> None:
    """Where there are more clients than traces in a second, those without a part get the quota 0."""
    reservoir = Reservoir()
    assert _quota(reservoir, "a", 1, START) == 1
    assert _quota(reservoir, "b", 1, START + 1) == 0


def test_a_silent_client_gives_its_part_back() -> None:
    """The part of who is silent for three intervals is the others', though it was told to hold longer."""
    reservoir = Reservoir()
    assert _quota(reservoir, "gone", 4, START) == 4
    assert _quota(reservoir, "here", 4, START + 1) is None
    assert _quota(reservoir, "gone", 4, START + 2) == 2
    assert _quota(reservoir, "here", 4, START + LATELY_SECONDS + 1) == 2
    assert _quota(reservoir, "here", 4, START + LATELY_SECONDS + 2) == 4


def test_a_client_that_comes_back_is_told_what_it_has_now() -> None:
    """Its quota of before would hold on, so that it is told a new one even where others hold all."""
    reservoir = Reservoir()
    assert _quota(reservoir, "back", 4, START) == 4
    assert _quota(reservoir, "here", 4, START + LATELY_SECONDS) == 4
    assert _quota(reservoir, "back", 4, START + LATELY_SECONDS + 1) == 0
    assert _quota(reservoir, "here", 4, START + LATELY_SECONDS + 10) == 2
    assert _quota(reservoir, "back", 4, START + LATELY_SECONDS + 11) == 2


@pytest.mark.parametrize(("size", "clients"), [(5, 1), (20, 8)])
def test_a_restart_costs_three_intervals(size: int, clients: int) -> None:
    """Clients that follow others, all at once, have the whole reservoir by their third report."""
    reservoir = Reservoir()
    for turn in range(3):
        for client in range(clients):
            reservoir.lease(f"before-{client}", size, START + turn * 10)
    quotas = {}
    for turn in range(3, 6):
        for client in range(clients):
            quotas[client] = _quota(reservoir, f"after-{client}", size, START + turn * 10 + 1)
    quotas[0] = _quota(reservoir, "after-0", size, START + 60)
    assert sum(quota or 0 for quota in quotas.values()) == size


def test_workers_that_are_recycled_have_most_of_the_reservoir() -> None:
    """With four workers that live for a minute each, ended at different times, more than half is used."""
    reservoir, size, seconds = Reservoir(), 5, 3600
    quotas: dict[str, int] = {}
    used = 0
    for second in range(seconds):
        living = {}
        for worker in range(4):
            age = (second + worker * 15) % 60
            name = f"{worker}-{(second + worker * 15) // 60}"
            if age and age % 10 == 0:
                quotas[name] = _quota(reservoir, name, size, START + second) or 0
            living[name] = quotas.get(name, 0)
        assert sum(living.values()) <= size
        used += sum(living.values())
    assert used > seconds * size / 2


def test_a_smaller_reservoir_takes_quotas_back() -> None:
    """When a reservoir shrinks, a client is told its new quota, be it 0, at its next report."""
    reservoir = Reservoir()
    assert [_quota(reservoir, client, 4, START) for client in "aba"] == [4, None, 2]
    assert _quota(reservoir, "b", 4, START) == 2
    assert _quota(reservoir, "a", 2, START + 10) == 0
    assert _quota(reservoir, "b", 2, START + 11) == 1
    assert _quota(reservoir, "a", 2, START + 12) == 1


def test_the_rest_stays_where_it_is() -> None:
    """A reservoir of three is used in full by two clients at any time."""
    reservoir = Reservoir()
    quotas: dict[str, int | None] = {}
    for step in range(40):
        for client in "ab":
            quotas[client] = _quota(reservoir, client, 3, START + step * 10)
            assert step < 2 or quotas == {"a": 2, "b": 1}


def test_clients_are_bounded() -> None:
    """Clients beyond the bound get no quota; those known go on."""
    reservoir = Reservoir()
    for number in range(CLIENTS_MAX):
        reservoir.lease(str(number), 5, START)
    assert reservoir.lease("one-more", 5, START) is None
    assert reservoir.lease("0", 5, START) is not None
    assert reservoir.lease("later", 5, START + LATELY_SECONDS) is not None
