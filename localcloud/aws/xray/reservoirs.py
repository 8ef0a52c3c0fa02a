"""How a rule's reservoir is divided among the clients that ask for it.

Each client that reported lately holds a lease on a part of the reservoir. The parts are even; where the
reservoir doesn't divide evenly, the rest goes around. No lease is given that would lift the sum of the
leases still valid above the reservoir, so that a client that comes anew waits for the others' next report.
(X-Ray divides evenly over the clients that reported lately; its formula is unpublished.)
"""

from dataclasses import dataclass

LEASE_SECONDS = 30
ROTATION_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Lease:
    """`quota` traces a second until `expires_at` (epoch seconds)."""

    quota: int
    expires_at: int


class Reservoir:
    """The leases on one rule's reservoir."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}

    def lease(self, client_id: str, size: int, now: float) -> Lease:
        """Return the client's new lease on a reservoir of `size` traces a second."""
        # A client counts in whole seconds and may use its quota in all of the last one.
        self._leases = {key: held for key, held in self._leases.items() if held.expires_at + 1 > now}
        self._leases.setdefault(client_id, Lease(0, 0))
        taken = sum(held.quota for key, held in self._leases.items() if key != client_id)
        quota = max(0, min(self._share(client_id, size, now), size - taken))
        lease = Lease(quota, int(now) + LEASE_SECONDS)
        self._leases[client_id] = lease
        return lease

    def _share(self, client_id: str, size: int, now: float) -> int:
        clients = sorted(self._leases)
        even, rest = divmod(size, len(clients))
        turn = (clients.index(client_id) - int(now // ROTATION_SECONDS)) % len(clients)
        return even + (turn < rest)
