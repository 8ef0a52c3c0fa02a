"""What commands print: names come from outside, and nothing in them acts on the terminal."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from scripts.errors import OperatorError
from scripts.honeycomb import answers
from scripts.output import Output, say_error
from scripts.queries import result

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTILE = "\x1b]0;gone\x07\x1b[2J\u202egnp\x9b31m\r\nnext [red]x[/red]\u2028\ud800"
ESCAPED = "\\x1b]0;gone\\x07\\x1b[2J\\u202egnp\\x9b31m\\r\\nnext [red]x[/red]\\u2028\\ud800"


@pytest.mark.parametrize("speak", [Output().say, Output().summary, say_error])
def test_nothing_that_is_said_acts_on_the_terminal(
    speak: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Controls, changes of direction, line ends and lone surrogates are shown as escapes, on one line."""
    speak(f"there: größe {HOSTILE}")
    told = capsys.readouterr()
    assert told.out + told.err == f"there: größe {ESCAPED}\n"


def test_a_tab_stays_an_indent(capsys: pytest.CaptureFixture[str]) -> None:
    """Other programs' lines have them."""
    Output().say("a\tb")
    assert capsys.readouterr().out == "a       b\n"


def test_what_the_encoding_has_not_is_shown_as_its_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not end the command."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding="ascii"))
    say_error("größe 漢")
    sys.stderr.flush()
    assert raw.getvalue() == b"gr\\xf6\\xdfe \\u6f22\n"


def _refused() -> OperatorError:
    return answers.error(
        422, {}, b'{"error": "column \\u001b]0;gone\\u0007\\u202e"}', doing="asking", permission="none"
    )


def _failed() -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        result.read({"error": "column \x1b]0;gone\x07\u202e\n"}, {}, "https://api")
    return caught.value


@pytest.mark.parametrize("error", [_refused, _failed])
def test_honeycombs_words_do_not_act_on_the_terminal(
    error: Callable[[], OperatorError], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the one line that a command ends with."""
    say_error(str(error()))
    told = capsys.readouterr().err
    assert "column \\x1b]0;gone\\x07\\u202e" in told
    assert told.rstrip("\n").isprintable()
