"""Bodies as they came, unpacked: plain, gzip or zstd, never longer than a limit."""

import zlib

from localcloud.honeycomb.errors import CompressionError, TooLargeError, UnknownEncodingError

MEMBERS_MAX = 1_000
"""Of a gzip body; ours, since each one costs time, however short it is."""

_GZIP = 16 + zlib.MAX_WBITS
_PART_BYTES = 64 * 1024


def decompress(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """Return `body` unpacked as its Content-Encoding says.

    Raises:
        TooLargeError: it has more than `limit_bytes`; no more than that is ever unpacked.
        UnknownEncodingError: the encoding is neither gzip nor zstd.
        CompressionError: the body isn't what its encoding says.
    """
    if not encoding:
        plain = body
    elif encoding == "gzip":
        plain = _gunzip(body, limit_bytes)
    elif encoding == "zstd":
        plain = _unzstd(body, limit_bytes)
    else:
        raise UnknownEncodingError(f"unsupported content encoding {encoding!r}")
    if len(plain) > limit_bytes:
        raise TooLargeError(limit_bytes)
    return plain


def _gunzip(body: bytes, limit_bytes: int) -> bytes:
    plain = bytearray()
    packed = memoryview(body)
    position = members = 0
    # A gzip file may have several members, one after another (RFC 1952).
    while position < len(packed):
        members += 1
        if members > MEMBERS_MAX:
            raise CompressionError(f"gzip: more than {MEMBERS_MAX} members")
        member = zlib.decompressobj(_GZIP)
        # In parts, because what is behind a member is copied with it.
        while not member.eof:
            part = packed[position : position + _PART_BYTES]
            if not part:
                raise CompressionError("gzip: unexpected end of the body")
            try:
                plain += member.decompress(part, limit_bytes + 1 - len(plain))
            except zlib.error as error:
                raise CompressionError(f"gzip: {error}") from error
            if len(plain) > limit_bytes:
                raise TooLargeError(limit_bytes)
            position += len(part) - len(member.unused_data)
    return bytes(plain)


def _unzstd(body: bytes, limit_bytes: int) -> bytes:
    # Here, because pyarrow's import is long and most clients send gzip.
    import pyarrow  # type: ignore[import-untyped]

    if not body:
        return b""
    try:
        with pyarrow.input_stream(pyarrow.BufferReader(body), compression="zstd") as stream:
            return bytes(stream.read(limit_bytes + 1))
    except (OSError, MemoryError) as error:
        raise CompressionError("zstd: the body can't be unpacked") from error
