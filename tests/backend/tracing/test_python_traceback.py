"""Python's tracebacks, read back."""

import traceback

from services.tracing.translation.python_traceback import FRAMES_MAX, parse_traceback


def _text(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _fail() -> None:
    try:
        try:
            {}["key"]  # type: ignore[index]
        except KeyError as error:
            raise ValueError("bad: value\nsecond line") from error
    except ValueError:
        raise RuntimeError  # noqa: B904 (the implicit chain is what is tested)


def test_a_real_chain_is_read() -> None:
    """The exception raised last comes first, then what it came from; messages keep their lines."""
    try:
        _fail()
    except RuntimeError as error:
        chain = parse_traceback(_text(error))
    assert [(parsed.type, parsed.message) for parsed in chain] == [
        ("RuntimeError", ""),
        ("ValueError", "bad: value\nsecond line"),
        ("KeyError", "'key'"),
    ]
    assert [frame["label"] for frame in chain[0].stack] == ["_fail", "test_a_real_chain_is_read"]
    assert all(frame["path"].endswith("test_python_traceback.py") for frame in chain[0].stack)


def test_deep_stacks_are_bounded() -> None:
    """The innermost frames are kept, the number of the others is told."""
    lines = [f'  File "a.py", line {number}, in f{number}\n    f()' for number in range(200)]
    (parsed,) = parse_traceback("\n".join(["Traceback (most recent call last):", *lines, "E: x"]))
    assert len(parsed.stack) == FRAMES_MAX
    assert parsed.stack[0]["label"] == "f199"
    assert parsed.dropped == 200 - FRAMES_MAX


def test_exception_groups_and_syntax_errors_are_read() -> None:
    """A group's own frames are read, not its members'; a syntax error's place has no label."""
    try:
        raise ExceptionGroup("several", [ValueError("inner")])  # noqa: TRY301
    except ExceptionGroup as error:
        (parsed,) = parse_traceback(_text(error))
    assert [frame["label"] for frame in parsed.stack] == ["test_exception_groups_and_syntax_errors_are_read"]
    try:
        compile("a b", "x.py", "exec")
    except SyntaxError as error:
        (parsed,) = parse_traceback(_text(error))
    assert parsed.type == "SyntaxError"
    assert parsed.stack[0] == {"path": "x.py", "line": 1, "label": ""}


def test_anything_else_is_an_exception_without_frames() -> None:
    """Text that is no traceback does no harm."""
    assert [parsed.stack for parsed in parse_traceback("no traceback\nat all")] == [[]]
    assert parse_traceback("")[0].type == ""
