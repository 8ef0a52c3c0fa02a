"""A text of each worker, in memory that a server's workers share with their parent.

Each text has one writer, the worker whose slot it is, and any number of readers, without a lock: a number
that is odd while it is written and a checksum tell a reader what is half done. A worker that is killed in the
middle of it leaves a text that is read as none; its parent clears it.
"""

import mmap
import struct
import zlib

TEXT_MAX_BYTES = 32 * 1024 - 64
"""Of one worker. Memory that nobody wrote to is only reserved."""

_HEAD = struct.Struct("=QQQ")  # sequence, length in bytes, CRC-32
_STRIDE = 32 * 1024
_READS_MAX = 100


class WorkerTexts:
    """The memory, of `slots` workers. Make it in the parent, before its first fork."""

    def __init__(self, slots: int) -> None:
        self._memory = mmap.mmap(-1, slots * _STRIDE)

    def write(self, number: int, text: bytes) -> None:
        """In the worker of a slot: replace its text.

        Raises:
            ValueError: it is longer than `TEXT_MAX_BYTES`.
        """
        if len(text) > TEXT_MAX_BYTES:
            raise ValueError(f"{len(text)} bytes; expected {TEXT_MAX_BYTES} at most")
        first = number * _STRIDE
        sequence = _HEAD.unpack_from(self._memory, first)[0] | 1
        _HEAD.pack_into(self._memory, first, sequence, 0, 0)
        begin = first + _HEAD.size
        self._memory[begin : begin + len(text)] = text
        _HEAD.pack_into(self._memory, first, sequence, len(text), zlib.crc32(text))
        _HEAD.pack_into(self._memory, first, sequence + 1, len(text), zlib.crc32(text))

    def clear(self, number: int) -> None:
        """Forget a slot's text: its worker has ended, or has not begun."""
        first = number * _STRIDE
        sequence = _HEAD.unpack_from(self._memory, first)[0] | 1
        _HEAD.pack_into(self._memory, first, sequence + 1, 0, 0)

    def read(self, number: int) -> bytes | None:
        """Return a slot's text; None where there is none, or where it can't be read whole."""
        first = number * _STRIDE
        begin = first + _HEAD.size
        for _ in range(_READS_MAX):
            head = _HEAD.unpack_from(self._memory, first)
            sequence, length, checksum = head
            if sequence % 2 == 0 and length <= TEXT_MAX_BYTES:
                text = self._memory[begin : begin + length]
                if _HEAD.unpack_from(self._memory, first) == head and zlib.crc32(text) == checksum:
                    return text or None
        return None
