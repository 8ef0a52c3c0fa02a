"""Whose sampling decision counts: at a public edge anybody could run up the bill with `Sampled=1`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Self

from opentelemetry.context import Context
from opentelemetry.trace import SpanContext

from services.tracing.propagation import Incoming, incoming_of

ALL = "all"
NONE = "none"
UNIX = "unix"
UNIX_PEER = ""
"""What a server names the peer of a Unix socket's connection."""

_PEER_ATTRIBUTES = ("network.peer.address", "net.sock.peer.addr", "net.peer.ip")
"""The connection's peer, newest convention first. `client.address` may be what a header said."""
_PEERS_MAX = 1024


@dataclass(frozen=True)
class TrustedCallers:
    """Callers by the address of their connection: everybody (None), or those within `networks`.

    With `has_unix` those too who come over a Unix socket.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] | None = None
    has_unix: bool = False
    _is_within: Callable[[str], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Remember the peers that were looked at."""
        look = lru_cache(_PEERS_MAX)(partial(_is_within, self.networks or ()))
        object.__setattr__(self, "_is_within", look)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `all`, `none`, or networks such as `10.0.0.0/8,::1`, `unix` among them.

        Raises:
            ValueError: something else.
        """
        if text.lower() == ALL:
            return cls(None)
        if text.lower() == NONE:
            return cls(())
        networks = []
        parts = [part.strip() for part in text.split(",")]
        for part in parts:
            if part.lower() == UNIX:
                continue
            try:
                networks.append(ip_network(part))
            except ValueError:
                raise ValueError(
                    f"{part[:60]!r} is no network; expected all, none, or networks such as 10.0.0.0/8,"
                    " and unix for a Unix socket"
                ) from None
        return cls(tuple(networks), has_unix=len(networks) < len(parts))

    def trusts(self, peer: str | None) -> bool:
        """Tell whether a request that came over a connection from `peer` may bring a decision along."""
        return self.networks is None or self.names(peer)

    def names(self, peer: str | None) -> bool:
        """Tell whether `peer` is in the list; `all` lists nobody. None: it isn't known who it is."""
        if peer is None:
            return False
        return self.has_unix if peer == UNIX_PEER else self._is_within(peer)

    def what_counts(self, incoming: Incoming, peer: str | None) -> Incoming:
        """Return what counts of what a caller at `peer` told.

        Who isn't trusted left the decision open. The rate counts, and travels on, from listed callers only:
        else a stranger could weight what he sends as he likes.
        """
        if self.networks is None:
            return incoming if incoming.trace_state is None else incoming.without_rate()
        if (incoming.sampled is None and incoming.trace_state is None) or self.names(peer):
            return incoming
        return replace(incoming.without_rate(), sampled=None)

    def told_by(
        self, parent: SpanContext, context: Context | None, attributes: Mapping[str, Any] | None
    ) -> Incoming:
        """Return what counts of what a remote parent told, for a span with these attributes.

        What our propagator or the recorder read has been through `what_counts`, and is in the context.
        Another propagator's is looked at here, by the peer that the attributes name.
        """
        incoming = incoming_of(context)
        if incoming is not None and (incoming.trace_id, incoming.parent_id) == (
            parent.trace_id,
            parent.span_id,
        ):
            return incoming
        told = attributes or {}
        peer = next((str(told[name]) for name in _PEER_ATTRIBUTES if told.get(name)), None)
        sampled = parent.trace_flags.sampled
        return self.what_counts(
            Incoming(parent.trace_id, parent.span_id, sampled, trace_state=parent.trace_state), peer
        )


def _is_within(networks: tuple[IPv4Network | IPv6Network, ...], peer: str) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    # A socket of both families tells an IPv4 peer as ::ffff:10.0.0.1.
    mapped = getattr(address, "ipv4_mapped", None)
    return any(address in network or (mapped is not None and mapped in network) for network in networks)
