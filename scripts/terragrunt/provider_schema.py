"""A provider's schema, cut to the resource types and data sources that a run needs.

The AWS provider describes 1500 resource types and 600 data sources in 5 MB, which every Terraform process
reads before it does anything: most of what a run of small units computes. Terraform looks a description up
by name alone, so one that it never asks for can be left out.

The answer is protobuf (Terraform's docs/plugin-protocol/tfplugin5.proto and tfplugin6.proto, message
GetProviderSchema.Response); its wire format is that of https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

RESOURCES, DATA_SOURCES, EPHEMERAL_RESOURCES = 2, 3, 8
"""The fields that hold a description for each name."""
_CUT = {RESOURCES, DATA_SOURCES, EPHEMERAL_RESOURCES}
_KEY = 1
_VARINT, _LENGTH_DELIMITED = 0, 2
_FIXED = {1: 8, 5: 4}
_VARINT_MAX_BYTES = 10
_NAME = re.compile(rb"\baws_[a-z0-9_]+")


def named_in(text: bytes) -> set[str]:
    """Return every name of *text*, a configuration or a state, that can be one of the provider's types."""
    return {name.decode() for name in _NAME.findall(text)}


def cut(answer: bytes, names: Collection[str]) -> bytes:
    """Return *answer* with the descriptions of *names* alone, and everything that is no description.

    Raises ValueError where it isn't protobuf.
    """
    view = memoryview(answer)
    kept = bytearray()
    for number, start, content, end in _fields(view):
        if number not in _CUT or _name(view[content:end]) in names:
            kept += view[start:end]
    return bytes(kept)


def _name(entry: memoryview) -> str:
    """Return the key of a map's entry; an entry without one has the empty key."""
    for number, _, content, end in _fields(entry):
        if number == _KEY:
            return bytes(entry[content:end]).decode()
    return ""


def _fields(message: memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Yield each field's number, where it begins, where its content does, and where it ends."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        content = at
        kind = tag & 0b111
        if kind == _LENGTH_DELIMITED:
            size, content = _varint(message, at)
            at = content + size
        elif kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in _FIXED:
            at += _FIXED[kind]
        else:
            raise ValueError(f"wire type {kind} at byte {start}: expected one of 0, 1, 2 and 5")
        if at > len(message):
            raise ValueError(f"the field at byte {start} ends at {at}, behind the last byte {len(message)}")
        yield tag >> 3, start, content, at


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + _VARINT_MAX_BYTES]):
        value |= (byte & 0b111_1111) << 7 * place
        if byte < 0b1000_0000:
            return value, at + place + 1
    raise ValueError(f"the number at byte {at} has no end")
