"""Errors of the daemon.

DaemonError
├── PortsUnavailableError   the UDP and TCP ports can't be bound
├── MalformedPacketError    a datagram that isn't header, newline, document; carries its cause
└── UpstreamError           the AWS endpoint gave no answer; carries its cause
"""

from enum import StrEnum


class DaemonError(Exception):
    """Base of this package's errors."""


class PortsUnavailableError(DaemonError):
    """The UDP and TCP ports of one number can't both be bound."""


class PacketFault(StrEnum):
    """Why a datagram was rejected; used as a counter's name."""

    EMPTY = "empty"
    MISSING_NEWLINE = "missing_newline"
    MISSING_BODY = "missing_body"
    BAD_HEADER = "bad_header"
    BAD_FORMAT = "bad_format"
    BAD_VERSION = "bad_version"


class MalformedPacketError(DaemonError):
    """A datagram that the daemon's protocol doesn't allow."""

    def __init__(self, fault: PacketFault) -> None:
        super().__init__(f"malformed packet: {fault.value}")
        self.fault = fault


class UpstreamFault(StrEnum):
    """Why the AWS endpoint gave no answer."""

    REFUSED = "connection_refused"
    UNKNOWN_HOST = "unknown_host"
    TIMEOUT = "timeout"
    OTHER = "other"


class UpstreamError(DaemonError):
    """The AWS endpoint couldn't be reached, or broke off before its answer was whole."""

    def __init__(self, fault: UpstreamFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
