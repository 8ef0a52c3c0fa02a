"""How a rule's reservoir is divided among the clients that ask for it.

Each client that reported lately holds a lease on a part of the reservoir. The parts are even; where the
reservoir doesn't divide evenly, the rest stays with the first to ask: a rest that went around would be
nobody's from the report of the one who loses it to the report of the one who gets it. No lease is given that
would lift the sum of the leases still valid above the reservoir, so that a client that comes anew waits for
the others' next report. (X-Ray divides evenly over the clients that reported lately; its formula is
unpublished.)
"""

from dataclasses import dataclass

LEASE_SECONDS = 30


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
        others = [held.quota for key, held in self._leases.items() if key != client_id]
        even, rest = divmod(size, len(others) + 1)
        share = even + (sum(quota > even for quota in others) < rest)
        lease = Lease(max(0, min(share, size - sum(others))), int(now) + LEASE_SECONDS)
        self._leases[client_id] = lease
        return lease
