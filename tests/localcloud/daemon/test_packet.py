"""The UDP protocol."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.daemon.errors import MalformedPacketError, PacketFault
from localcloud.daemon.packet import read_document


@pytest.mark.parametrize(
    "header",
    [
        b'{"format":"json","version":1}',
        b'{"format": "json", "version": 1}',
        b'{"format":"JSON","version":1}',
        b'{"Format":"json","VERSION":1,"other":[]}',
    ],
)
def test_header_is_read_like_the_daemon_reads_it(header: bytes) -> None:
    """Format and field names count in any case, other fields don't matter, the document stays as it is."""
    assert read_document(header + b'\n{"id":"1"}\n') == '{"id":"1"}\n'


@pytest.mark.parametrize(
    ("packet", "fault"),
    [
        (b"", PacketFault.EMPTY),
        (b'{"format":"json","version":1}', PacketFault.MISSING_NEWLINE),
        (b'{"format":"json","version":1}{"id":"1"}', PacketFault.MISSING_NEWLINE),
        (b'{"format":"json","version":1}\n', PacketFault.MISSING_BODY),
        (b"\n{}", PacketFault.BAD_HEADER),
        (b"json\n{}", PacketFault.BAD_HEADER),
        (b"[1]\n{}", PacketFault.BAD_HEADER),
        (b"[" * 60_000 + b"\n{}", PacketFault.BAD_HEADER),
        (b"\xff\n{}", PacketFault.BAD_HEADER),
        (b'{"version":1}\n{}', PacketFault.BAD_FORMAT),
        (b'{"format":"xml","version":1}\n{}', PacketFault.BAD_FORMAT),
        (b'{"format":1,"version":1}\n{}', PacketFault.BAD_FORMAT),
        (b'{"format":"json"}\n{}', PacketFault.BAD_VERSION),
        (b'{"format":"json","version":2}\n{}', PacketFault.BAD_VERSION),
        (b'{"format":"json","version":"1"}\n{}', PacketFault.BAD_VERSION),
        (b'{"format":"json","version":true}\n{}', PacketFault.BAD_VERSION),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_malformed_packet_names_its_cause(packet: bytes, fault: PacketFault) -> None:
    """Each way to be wrong has a cause of its own."""
    with pytest.raises(MalformedPacketError) as caught:
        read_document(packet)
    assert caught.value.fault is fault


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_malformed(packet: bytes) -> None:
    """Nothing but MalformedPacketError comes out of hostile bytes."""
    try:
        document = read_document(packet)
    except MalformedPacketError:
        return
    assert document


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_document_is_returned_unchanged(document: str) -> None:
    """What stands after the first newline is the document, whatever it says."""
    assert read_document(b'{"format":"json","version":1}\n' + document.encode()) == document


def test_invalid_utf8_is_replaced() -> None:
    """A document goes on as a JSON string, so bytes that are no text become U+FFFD."""
    assert read_document(b'{"format":"json","version":1}\n\xff') == "�"
