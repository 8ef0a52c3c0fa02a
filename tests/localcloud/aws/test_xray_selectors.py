"""What a selector that can't be read is refused with: places and texts are those that the caller sent."""

from __future__ import annotations

import pytest

from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.selectors import read_selector


@pytest.mark.parametrize(
    ("text", "line", "position", "seen", "why"),
    [
        ("id(name:", 1, 9, "id(name:", "the expression ends, expected a text in double quotes"),
        ('id(name:"a"', 1, 12, 'id(name:"a"', "the expression ends, expected ) or ,"),
        ('id(name:"a', 1, 11, 'id(name:"a', "the text is not closed, expected '\"'"),
        ("id()", 1, 4, "id(", "found ')', expected name, type or account.id"),
        ('id(nme:"a")', 1, 4, "id(", "found 'nme', expected name, type or account.id"),
        (' id(name:"a",\n name:"b")', 2, 2, " ", "name is given twice, expected once"),
        ('  id(name:"a") {fault}', 1, 16, '  id(name:"a") ', "nothing can follow id(...)"),
        ('id(name:"a") AND ok', 1, 14, 'id(name:"a") ', "nothing can follow id(...)"),
        ('service("a") {', 1, 15, 'service("a") {', "the expression ends, expected a condition"),
    ],
)
def test_where_it_is_wrong(text: str, line: int, position: int, seen: str, why: str) -> None:
    """The place is that of the text."""
    with pytest.raises(InvalidRequestError) as refused:
        read_selector(text)
    message = f"Error Location: line {line}, position {position} : Invalid input symbol: '{seen}' : {why}"
    assert refused.value.message == message


@pytest.mark.parametrize("text", ["fault", "fault ok", 'id(name:"a"))', 'id(name:"a")) AND (ok'])
def test_what_is_no_selector(text: str) -> None:
    """An expression that is none, or closes what it didn't open, is told the three forms."""
    with pytest.raises(InvalidRequestError, match=r"must be one id\(...\), service\(...\) or edge\(...\)"):
        read_selector(text)
