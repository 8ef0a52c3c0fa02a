"""``.local/env`` means to our parser what it means to a shell."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import local_env

NAMES = st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"PATH", "PPID", "UID", "EUID", "IFS", "PS", "OPTIND", "PWD", "OLDPWD"}
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_rendered_is_parsed_back(values: dict[str, str]) -> None:
    """Whatever characters the values have."""
    assert local_env.parse(local_env.render(values, path_folders=[]), {}) == values


def test_a_shell_reads_the_same() -> None:
    """A value with every dangerous character arrives as it is, and PATH is put before the caller's."""
    value = "a b$HOME`x`\"'\\;&|#*"
    text = local_env.render({"ODD": value}, path_folders=["/opt/a b", "/opt/c"])
    script = f'{text}\nprintf "%s\\n%s" "$ODD" "$PATH"'
    shell = subprocess.run(
        ["/bin/sh", "-c", script], env={"PATH": "/bin"}, capture_output=True, text=True, check=True
    )
    parsed = local_env.parse(text, {"PATH": "/bin"})
    assert shell.stdout.split("\n") == [parsed["ODD"], parsed["PATH"]] == [value, "/opt/a b:/opt/c:/bin"]


def test_comments_empty_lines_and_plain_assignments() -> None:
    """What a person may add by hand is understood."""
    assert local_env.parse("# x\n\nA=1\n  export B='2 3' # why\nC=\nD=${A}$B\n", {}) == {
        "A": "1",
        "B": "2 3",
        "C": "",
        "D": "12 3",
    }


@pytest.mark.parametrize(
    "line", ["rm -rf /", "A=1 B=2", "1A=x", "A='x", "export A", "A=$(id)", "A=`id`", "A=1;id"]
)
def test_anything_else_is_refused_by_line(line: str) -> None:
    """The file is read, never run."""
    with pytest.raises(ValueError, match="line 2"):
        local_env.parse(f"A=1\n{line}\n", {})
