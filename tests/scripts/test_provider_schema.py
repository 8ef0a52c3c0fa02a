"""The part of a provider's schema that a run needs: names alone decide, and nothing else is lost."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.terragrunt.provider_schema import (
    DATA_SOURCES,
    EPHEMERAL_RESOURCES,
    RESOURCES,
    cut,
    named_in,
)

MAPS = [RESOURCES, DATA_SOURCES, EPHEMERAL_RESOURCES]
NAMES = st.from_regex(r"aws_[a-z]{1,12}", fullmatch=True)


def varint(value: int) -> bytes:
    """Return *value* as protobuf writes it."""
    low = value & 0b111_1111
    rest = value >> 7
    return bytes([low | 0b1000_0000]) + varint(rest) if rest else bytes([low])


def delimited(number: int, content: bytes) -> bytes:
    """Return the field *number* with *content*."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(number: int, name: str, description: bytes) -> bytes:
    """Return a map's entry."""
    return delimited(number, delimited(1, name.encode()) + delimited(2, description))


ENTRIES = st.tuples(st.sampled_from(MAPS), NAMES, st.binary(max_size=300))
OTHERS = st.one_of(
    st.builds(delimited, st.sampled_from([1, 4, 5, 6, 7, 20]), st.binary(max_size=300)),
    st.builds(lambda value: varint(6 << 3) + varint(value), st.integers(0, 2**64 - 1)),
    st.builds(lambda value: varint(9 << 3 | 1) + value, st.binary(min_size=8, max_size=8)),
    st.builds(lambda value: varint(9 << 3 | 5) + value, st.binary(min_size=4, max_size=4)),
)


@given(st.lists(st.one_of(ENTRIES, OTHERS)), st.sets(NAMES))
def test_what_is_named_stays_and_all_that_is_no_description(
    parts: list[tuple[int, str, bytes] | bytes], more: set[str]
) -> None:
    """In its order and to the byte; of the descriptions half the names', and some that there are none of."""
    names = sorted({part[1] for part in parts if not isinstance(part, bytes)})
    wanted = {*names[::2], *more}
    written = [(part if isinstance(part, bytes) else entry(*part), part) for part in parts]
    answer = b"".join(content for content, _ in written)
    expected = [content for content, part in written if isinstance(part, bytes) or part[1] in wanted]
    assert cut(answer, wanted) == b"".join(expected)
    assert cut(answer, {*names}) == answer


@given(st.binary(max_size=200), st.sets(NAMES))
def test_other_bytes_are_refused_or_cut(content: bytes, names: set[str]) -> None:
    """Nothing else is raised, and what comes out is no more than what went in."""
    with suppress(ValueError):
        assert len(cut(content, names)) <= len(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x80", "the number at byte 0 has no end"),
        (b"\x12" + b"\xff" * 11, "the number at byte 1 has no end"),
        (b"\x12\x05ab", "the field at byte 0 ends at 7, behind the last byte 4"),
        (b"\x0b", "wire type 3 at byte 0: expected one of 0, 1, 2 and 5"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, said: str) -> None:
    """By its place."""
    with pytest.raises(ValueError, match=said):
        cut(content, ())


def test_names_of_a_configuration_and_of_a_state() -> None:
    """Wherever they stand; a part of another word is none."""
    configuration = b'resource "aws_xray_group" "this" {}\nmoved { from = aws_ecs_service.old }\n'
    state = b'{"resources": [{"mode": "data", "type": "aws_iam_policy_document", "name": "x"}]}'
    assert named_in(configuration) == {"aws_xray_group", "aws_ecs_service"}
    assert named_in(state) == {"aws_iam_policy_document"}
    assert named_in(b"the_aws_thing AWS_REGION hashicorp/aws") == set()
