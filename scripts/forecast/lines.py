"""The lines of a file that may be compressed, endless or full of rubbish: bounded memory, no surprises."""

from __future__ import annotations

import gzip
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANDARD_INPUT = "-"
LINE_MAX_BYTES = 65_536
_BLOCK_BYTES = LINE_MAX_BYTES
_GZIP = b"\x1f\x8b"
_REMEDY = "give TRAFFIC an access log, a CSV or a JSON file of rates, plain or compressed with gzip"


@contextmanager
def opened(place: str) -> Iterator[BinaryIO]:
    """Open the file *place*, ``-`` for standard input, uncompressed.

    Raises OperatorError where it can't be opened.
    """
    if place == STANDARD_INPUT:
        yield _uncompressed(cast("BinaryIO", sys.stdin.buffer))
        return
    try:
        stream = Path(place).open("rb")  # noqa: SIM115 - its errors are told apart from the block's
    except OSError as error:
        raise OperatorError(f"{place} can't be read ({error.strerror})", remedy=_REMEDY) from error
    except ValueError as error:
        raise OperatorError(f"{place!r} is no path ({error})", remedy=_REMEDY) from error
    with stream:
        yield _uncompressed(stream)


def _uncompressed(stream: BinaryIO) -> BinaryIO:
    peek = getattr(stream, "peek", None)
    begins = peek(2)[:2] if peek else b""
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if begins == _GZIP else stream


def blocks(stream: BinaryIO, place: str) -> Iterator[bytes | None]:
    """Yield the content in parts that end with a line's end; None for a line that is longer than a block.

    Raises OperatorError where the file can't be read on: a disk's error, or a broken gzip file.
    """
    rest, is_over = b"", False
    while data := _read(stream, place):
        end = data.rfind(b"\n") + 1
        if end:
            begin = 0
            if is_over:
                yield None
                begin, rest, is_over = data.find(b"\n") + 1, b"", False
            if begin < end:
                yield rest + data[begin:end]
            rest = data[end:]
        elif not is_over:
            rest += data
        if len(rest) > LINE_MAX_BYTES:
            rest, is_over = b"", True
    if is_over:
        yield None
    elif rest:
        yield rest + b"\n"


def lines(parts: Iterable[bytes | None]) -> Iterator[bytes | None]:
    """Yield the lines of blocks without their ends; None for one that is too long."""
    for part in parts:
        if part is None:
            yield None
        else:
            yield from part[:-1].split(b"\n")


def _read(stream: BinaryIO, place: str) -> bytes:
    try:
        return stream.read(_BLOCK_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise OperatorError(f"{place} can't be read to its end ({reason})", remedy=_REMEDY) from error
