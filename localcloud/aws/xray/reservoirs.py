"""How a rule's reservoir is divided among the clients that ask for it.

A client that reported lately holds a lease on a part of the reservoir. The parts are even; where the
reservoir doesn't divide evenly, the rest stays with the first to ask: a rest that went around would be
nobody's from the report of the one who loses it to the report of the one who gets it. No lease is given that
would lift the sum of the leases of those that reported lately above the reservoir: a client that comes anew
gets no quota, and goes on to borrow, until the others reported again. One that went silent was most likely
ended or replaced: its part is free three intervals later, though it was told to hold for longer; when it
comes back it is told its new part, be it 0. (X-Ray divides evenly over the clients that reported lately, and
its first answer may lack the quota; the formula is unpublished.)
"""

from dataclasses import dataclass

LEASE_SECONDS = 300
"""What a client is told, as long as in the examples of X-Ray's documentation: five minutes."""
LATELY_SECONDS = 30
"""Three intervals: whoever hasn't reported for so long has no part."""
CLIENTS_MAX = 2000
"""Beyond it the clients that are silent for the longest are forgotten, those that reported lately never."""


@dataclass(frozen=True, slots=True)
class Lease:
    """`quota` traces a second until `expires_at` (epoch seconds)."""

    quota: int
    expires_at: int
    reported_at: float


class Reservoir:
    """The leases on one rule's reservoir."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}

    def lease(self, client_id: str, size: int, now: float) -> Lease | None:
        """Return the client's new lease on a reservoir of `size` traces a second.

        None where a part of the reservoir is due to a client without any, but others still hold all of it.
        """
        # A client counts in whole seconds and may use its quota in all of the last one.
        known = {key: held for key, held in self._leases.items() if held.expires_at + 1 > now}
        before = known.pop(client_id, None)
        lately = [held.quota for held in known.values() if now - held.reported_at < LATELY_SECONDS]
        if before is None and len(lately) >= CLIENTS_MAX:
            self._leases = known
            return None
        even, rest = divmod(size, len(lately) + 1)
        share = even + (sum(quota > even for quota in lately) < rest)
        free = max(0, size - sum(lately))
        lease = Lease(min(share, free), int(now) + LEASE_SECONDS, now)
        # The latest to report comes last, so that the first are those that are silent for the longest.
        self._leases = dict([*known.items(), (client_id, lease)][-CLIENTS_MAX:])
        waits = share > 0 and not free and (before is None or not before.quota)
        return None if waits else lease
