"""The daemon's UDP protocol: a header line, then one segment document."""

import json

from localcloud.daemon.errors import MalformedPacketError, PacketFault

READ_BUFFER_BYTES = 64 * 1024
STANDARD_HEADER = b'{"format":"json","version":1}'


def read_document(packet: bytes) -> str:
    """Return the segment document that `packet` carries, unread.

    Whether the document is a valid segment is X-Ray's to say, not the daemon's; bytes that are no UTF-8
    become U+FFFD, since the document goes on as a JSON string.

    Raises:
        MalformedPacketError: no newline, no body, or a header other than format json (in any case) and
            version 1 (source: aws/aws-xray-daemon, pkg/cli and pkg/tracesegment).
    """
    if not packet:
        raise MalformedPacketError(PacketFault.EMPTY)
    header, newline, body = packet.partition(b"\n")
    if not newline:
        raise MalformedPacketError(PacketFault.MISSING_NEWLINE)
    if not body:
        raise MalformedPacketError(PacketFault.MISSING_BODY)
    if header != STANDARD_HEADER:
        _check_header(header)
    return body.decode("utf-8", errors="replace")


def _check_header(header: bytes) -> None:
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise MalformedPacketError(PacketFault.BAD_HEADER) from error
    if not isinstance(fields, dict):
        raise MalformedPacketError(PacketFault.BAD_HEADER)
    # The daemon reads its header with Go's encoding/json, which matches field names in any case.
    named = {name.lower(): value for name, value in fields.items()}
    form, version = named.get("format"), named.get("version")
    if not isinstance(form, str) or form.lower() != "json":
        raise MalformedPacketError(PacketFault.BAD_FORMAT)
    if type(version) is not int or version != 1:
        raise MalformedPacketError(PacketFault.BAD_VERSION)
