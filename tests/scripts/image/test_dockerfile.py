"""What is read out of a Dockerfile, and what is refused instead of being passed over."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import OperatorError
from scripts.image.dockerfile import Copy, Dockerfile

EXAMPLE = """
# a comment
FROM python:3@sha256:00 AS base
ENV A=1 PATH=/x:$PATH

FROM base AS build
env HIDDEN=1
COPY code/requirements.txt /build/
# a comment between
RUN one \\
    # and one within
    && two
COPY code/ /app/code/
COPY LICENSE /elsewhere

FROM base
COPY --from=build /app /srv
COPY more/ /more/
ENV B="two words"
WORKDIR /srv/code
HEALTHCHECK --interval=10s \\
    CMD ["python", "x.py"]
CMD ["gunicorn", "-w", "2"]
"""


def refusal(text: str) -> str:
    """Why `text` is refused; nothing where it is read, whatever is asked of it."""
    try:
        read = Dockerfile(text)
        for ask in (read.copies, read.environment, read.base):
            ask()
    except OperatorError as error:
        return str(error)
    return ""


def test_the_image_is_the_last_stage_and_what_it_stands_on() -> None:
    """Base, variables, folder and commands are the image's; what a stage beside it says is not."""
    read = Dockerfile(EXAMPLE)
    assert read.base() == "python:3@sha256:00"
    assert read.environment() == {"A": "1", "PATH": "/x:$PATH", "B": "two words"}
    assert read.value("WORKDIR") == "/srv/code"
    assert read.command() == ("gunicorn", "-w", "2")
    assert read.health_command() == ("python", "x.py")
    assert read.runs("build") == ("one && two",)


def test_what_is_copied_is_followed_into_the_image() -> None:
    """By the stages in between; what no later stage takes on isn't there."""
    read = Dockerfile(EXAMPLE)
    found = {str(copied.source): read.places(copied) for copied in read.copies() if copied.from_stage is None}
    assert found == {
        "code/requirements.txt": (),
        "code": (PurePosixPath("/srv/code"),),
        "LICENSE": (),
        "more": (PurePosixPath("/more"),),
    }
    assert read.copies()[0] == Copy(
        PurePosixPath("code/requirements.txt"), PurePosixPath("/build/requirements.txt"), 1, None
    )


def test_a_stage_may_be_called_as_its_image() -> None:
    """A name means a stage above, not the one that it is given to."""
    read = Dockerfile("FROM python AS python\nENV A=1\nFROM python AS python\nENV B=2")
    assert read.base() == "python"
    assert read.environment() == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the Dockerfile is empty"),
        ("# only a comment", "the Dockerfile is empty"),
        ("CMD []", "Dockerfile:1: CMD stands before FROM"),
        ("FROM a\nADD x /y", "Dockerfile:2: ADD is not read here"),
        ("FROM a\nARG X\n", "Dockerfile:2: ARG is not read here"),
        ("# escape=`\nFROM a", "Dockerfile:1: the directive # escape=` is not read here"),
        ("FROM a\nRUN <<END\nx\nEND", "Dockerfile:2: here documents"),
        ("FROM a\nRUN x \\", "Dockerfile:2: the last instruction goes on"),
        ("FROM $BASE", "Dockerfile:1: FROM $BASE is not read here"),
        ("FROM --platform=x a", "Dockerfile:1: FROM --platform=x a is not read here"),
        ("FROM a\n\nCOPY --chown=1 x /y", "Dockerfile:3: COPY --chown=1 x /y is not read here"),
        ("FROM a\nCOPY x y /z/", "Dockerfile:2: COPY x y /z/ is not read here"),
        ("FROM a\nCOPY *.py /z/", "Dockerfile:2: COPY *.py /z/ is not read here"),
        ("FROM a\nCOPY ../x /z/", "Dockerfile:2: COPY ../x /z/ is not read here"),
        ("FROM a\nCOPY x y", "Dockerfile:2: COPY x y is not read here"),
        ("FROM a\nCOPY --from=b /x /y", "Dockerfile:2: COPY is from b, which is no stage"),
        ("FROM a\nENV X", "Dockerfile:2: ENV X is not read here"),
        ("FROM a\nENV X='", "Dockerfile:2: ENV is not read here (No closing quotation)"),
        ('FROM a\nCOPY "x /y', "Dockerfile:2: COPY is not read here (No closing quotation)"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, reason: str) -> None:
    """With the line it is on: an image that is otherwise than what is started here would be a lie."""
    assert refusal(text).startswith(reason)


@pytest.mark.parametrize("words", ["gunicorn -w 2", '"gunicorn"', "[]", "[1]", '["gunicorn"'])
def test_a_shell_is_not_started(words: str) -> None:
    """A shell in between would get the signals: commands are lists of words."""
    read = Dockerfile(f"FROM a\nHEALTHCHECK CMD {words}\nCMD {words}")
    for ask in (read.command, read.health_command):
        with pytest.raises(OperatorError, match="is in shell form"):
            ask()


def test_what_an_image_does_not_say() -> None:
    """What is asked for and isn't there is told, not made up."""
    read = Dockerfile("FROM a\nHEALTHCHECK NONE")
    with pytest.raises(OperatorError, match="has no USER: add USER"):
        read.value("USER")
    with pytest.raises(OperatorError, match="HEALTHCHECK has no CMD"):
        read.health_command()
    with pytest.raises(OperatorError, match="has no stage build"):
        read.runs("build")


words = st.text(alphabet="ab/.$-*=\"'\\\\ #[]<", max_size=12)
lines = st.tuples(st.sampled_from(["FROM", "COPY", "COPY --from=", "ENV", "RUN", "#", "NO"]), words).map(
    "".join
)


@given(st.lists(lines | st.tuples(st.just("FROM a AS "), words).map("".join), max_size=6))
def test_any_text_is_read_or_refused(written: list[str]) -> None:
    """Nothing but an OperatorError, in one line, comes out of a Dockerfile that is none."""
    assert "\n" not in refusal("\n".join(written))
