"""Reading texts: what the language takes, and that nothing but FilterError comes of anything else."""

from __future__ import annotations

import threading
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.xray.filters.examples import INVALID, VALID
from tests.xray.filters.generated_trees import Trees
from xray.filters import TEXT_MAX_CHARACTERS, FilterError, parse, to_text
from xray.filters.build import NESTING_MAX
from xray.filters.build_json import PATTERNS_MAX

_PIECES = st.sampled_from(
    [
        *("(", ")", "{", "}", "[", "]", '"', "\\", "#", "!", "=", "<", ",", ":", ".", "-", "5", "1e999"),
        *(" AND ", " OR ", " ok ", "service", "edge(", "id(", "annotation", "annotation.k", "rootcause.json"),
        *("rootcause.fault.entity", "group.arn", "true", "null", "\0", "\ud800", "\n", "é", "\u2028"),
    ]
)
_MUTATIONS = st.lists(
    st.tuples(st.integers(0, 80), st.integers(0, 6), _PIECES | st.text(max_size=3)), min_size=1, max_size=4
)


def _parses_or_is_refused(text: str) -> None:
    try:
        tree = parse(text)
    except FilterError as error:
        refusal = error
    else:
        printed = to_text(tree)
        assert len(printed) > TEXT_MAX_CHARACTERS or parse(printed) == tree
        return
    assert str(refusal).isprintable()
    assert str(refusal).encode()
    assert refusal.line is not None
    assert refusal.position is not None
    assert min(refusal.line, refusal.position) >= 1


@given(st.text() | st.lists(_PIECES).map("".join))
@example("(" * 20_000)
@example("(" * 999)
@example("!" * TEXT_MAX_CHARACTERS)
@example("!" * 1_000 + "ok")
@example("service{" * 200)
@example("rootcause.json = #" + "[" * 900)
@example('rootcause.json = #[{"Services":' * 50)
@example("x" * 1_000_000)
@example("\0")
@example("\ud800")
@example('user = "\udfff"')
@example('rootcause.json = #[{"Services":[{"Name":"\\ud800"}]}]')
@example("ok\n\n AND\nfoo")
@example("duration > 1e999")
@example("1" * (TEXT_MAX_CHARACTERS - 1))
@example("(" * (TEXT_MAX_CHARACTERS // 2) + ")" * (TEXT_MAX_CHARACTERS // 2))
@example("rootcause.json = #" + "[" * (TEXT_MAX_CHARACTERS - 18))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text leads to another error than FilterError, which can be printed and has a place."""
    _parses_or_is_refused(text)


@given(st.sampled_from([one.text for one in (*VALID, *INVALID)]), _MUTATIONS)
def test_a_changed_expression_is_read_or_refused(text: str, mutations: list[tuple[int, int, str]]) -> None:
    """Nor does any text that is nearly an expression."""
    for place, removed, put in mutations:
        text = text[:place] + put + text[place + removed :]
    _parses_or_is_refused(text)


@pytest.mark.parametrize("value", [None, 5, b"ok", ["ok"], object()])
def test_what_is_no_text_is_refused(value: object) -> None:
    """Other types too get a FilterError with a place."""
    with pytest.raises(FilterError, match=r"line 1, position 1 .* is text, this is ") as caught:
        parse(value)  # type: ignore[arg-type]
    assert caught.value.position == 1


@given(st.integers(0, 2**64))
def test_a_printed_tree_reads_as_itself(seed: int) -> None:
    """parse(to_text(tree)) == tree, for any tree."""
    tree = Trees(Random(seed), groups=True).tree(3)
    text = to_text(tree)
    assert len(text) > TEXT_MAX_CHARACTERS or parse(text) == tree


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("OK And FAULT oR Error", "ok AND fault OR error"),
        ("ok fault or error", "(ok AND fault) OR error"),
        ("!ok fault", "(!ok) AND fault"),
        ("!(ok)", "!ok"),
        ("(((ok)))", "ok"),
        ("(ok and fault) and error", "ok and fault and error"),
        ("ok != TRUE", "ok = false"),
        ("annotation.k != false", "annotation.k = true"),
        ("ANNOTATION[ k ]", "annotation.k"),
        ('Service(ID(Name : "a"))', 'service("a")'),
        ("service {fault}", "service() {fault}"),
        ("service", "service()"),
        ("duration<.5", "duration < 0.5"),
        ("duration > +5.", "duration > 5"),
        ("duration > 5e2", "duration > 500"),
        ("http.status\n=\t200", "http.status = 200"),
        ('user = "x" user', 'user = "x" AND user'),
        ("edge()", "edge( )"),
        (
            'rootcause.json = #[{"Services":[{"AccountId":123456789012}]}]',
            'rootcause.json = #[{"Services":[{"AccountId":"123456789012"}]}]',
        ),
    ],
)
def test_two_ways_to_write_one_thing(text: str, same: str) -> None:
    """Case, spaces, AND left out, parentheses and forms of numbers make no difference."""
    assert parse(text) == parse(same)


@pytest.mark.parametrize("text", ["annotation.k = 1", 'annotation.k = "1"', "annotation.k = true"])
def test_values_of_different_kinds_are_different_trees(text: str) -> None:
    """1, "1" and true are three trees, equal in Python or not."""
    others = {parse(one) for one in ("annotation.k = 1", 'annotation.k = "1"', "annotation.k = true")}
    assert len(others) == 3
    assert parse(text) in others


def test_annotation_names_keep_their_case() -> None:
    """Unlike keywords."""
    assert parse("annotation.Key") != parse("annotation.key")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', r"a\b"),
        (r'"C:\temp"', r"C:\temp"),
        ('"a\nb"', "a\nb"),
        ('"é😀"', "é😀"),
    ],
)
def test_texts_in_quotes(written: str, value: str) -> None:
    r"""`\"` and `\\` are escapes, any other backslash is itself; everything else stands for itself."""
    tree = parse(f"user = {written}")
    assert tree.value == value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, "the expression ends, expected a condition"),
        ("  \n ", 2, "the expression ends"),
        ("root", 1, "'root' can't stand here, expected it in service {...}"),
        ("first AND ok", 1, "'first' can't stand here, expected it in rootcause.<kind>.service {...}, "),
        ("coverage > 1", 1, "expected it in rootcause.<kind>.entity {...}"),
        ("edge() {user}", 9, "'user' can't stand here, expected it in the trace or service {...}"),
        ("rootcause.fault.service {annotation.k}", 26, "'annotation.k' can't stand here"),
        ("rootcause.fault.service {fault}", 26, "'fault' can't stand here"),
        ("rootcause.fault.service", 24, "the expression ends, expected {"),
        ("rootcause.fault.thing {ok}", 1, "there is no keyword 'rootcause.fault.thing'"),
        ('edge() {group.name = "g"}', 9, "'group.name' stands outside of {...} only"),
        ('group.name CONTAINS "g"', 12, "expected = or !="),
        ('service(id(name:"a", name:"b"))', 22, "name is given twice"),
        ("annotation.a.b = 1", 1, "a key with dots in brackets: annotation[a.b]"),
        ('annotation.k > "a"', 16, "expected a number"),
        ('user = "al', 11, "the text is not closed"),
        ("user = 'al'", 8, "''' can't stand here outside of double quotes"),
        ("duration > 5s", 12, "no number"),
        ("duration > 1e999", 12, "too large"),
        ("ok\u00a0fault", 3, "can't stand here outside of double quotes"),
        ("ok\x00", 3, "NUL can't be in an expression"),
        ("ok \ud800", 4, "half of a surrogate pair can't be in an expression"),
        ("rootcause.json = #[]", 16, "expected one root cause or more"),
        ("rootcause.json = #[1]", 20, "expected {...} in a list of root causes"),
        ('rootcause.json = #[{"services":[]}]', 21, "'services' is unknown in a list of root causes"),
        ('rootcause.json = #[{"Services":1}]', 32, "expected a list of services"),
        ('rootcause.json = #[{"Services":[{"Name":null}]}]', 41, "expected a text in double quotes"),
        ('rootcause.json = #[{"Services":[],"Services":[]}]', 35, "'Services' is given twice"),
        ('rootcause.json = #[{"Services":[{"Name":"a\\x"}]}]', 41, "no JSON text"),
    ],
)
def test_other_refusals(text: str, position: int, words: str) -> None:
    """Each has its place and says what was expected."""
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.position == position


def test_lines_are_counted() -> None:
    """The place is told by line and position in it."""
    with pytest.raises(FilterError, match="line 3, position 5 : Invalid input symbol: 'AND ' : ") as caught:
        parse("ok\n\nAND foo")
    assert (caught.value.line, caught.value.position) == (3, 5)


def test_the_longest_text() -> None:
    """16,384 characters are read, one more is refused at its place."""
    text = f'user = "{"a" * (TEXT_MAX_CHARACTERS - 9)}"'
    assert len(text) == TEXT_MAX_CHARACTERS
    parse(text)
    with pytest.raises(FilterError, match="has 16385 characters, 16384 are allowed") as caught:
        parse(f"{text} ")
    assert caught.value.position == TEXT_MAX_CHARACTERS + 1


@pytest.mark.parametrize("text", ["ok " * 2_000, "service{" + "ok " * 1_999 + "}", "!ok " * 2_000])
def test_the_most_conditions(text: str) -> None:
    """2,000 are read, those in {...} and the service counted; one more is refused at its place."""
    parse(text)
    last = text.rindex("ok")
    with pytest.raises(FilterError, match="more than 2000 conditions, use fewer") as caught:
        parse(text[:last] + "fault " + text[last:])
    assert caught.value.position == last + len("fault ") + 1


def test_the_most_patterns() -> None:
    """A hundred different root causes are read; of equal ones there is one."""
    ones = [f'{{"Services":[{{"Name":"{number}"}}]}}' for number in range(PATTERNS_MAX + 1)]
    text = f"rootcause.json = #[{', '.join([*ones[:-1], *ones[:3]])}]"
    assert len(parse(text).patterns) == PATTERNS_MAX  # type: ignore[union-attr]
    with pytest.raises(FilterError, match="101 different root causes, expected 100 at the most") as caught:
        parse(f"rootcause.json = #[{', '.join(ones)}]")
    assert caught.value.position == 16


@pytest.mark.parametrize(
    "text", ["annotat\u0131on.k", "annotation.\u212a", "annotation.\u017f = 1", "annotation[\u00a0k]"]
)
def test_letters_that_are_like_others_are_others(text: str) -> None:
    """Keywords and keys of annotations are ASCII, whatever Unicode takes for the same letter."""
    with pytest.raises(FilterError):
        parse(text)


def test_the_deepest_text() -> None:
    """A hundred levels are read; parentheses that change nothing don't count."""
    parse("!" * (NESTING_MAX - 1) + "ok")
    parse("(" * 900 + "ok" + ")" * 900)
    with pytest.raises(FilterError, match="nested more than 100 levels deep") as caught:
        parse("!" * NESTING_MAX + "ok")
    assert caught.value.position == NESTING_MAX + 1


def test_threads_share_one_parser() -> None:
    """Many threads that read at once get what one gets alone."""
    expected = [parse(one.text) for one in VALID]
    wrong: list[int] = []

    def read() -> None:
        for _ in range(5):
            wrong.extend(1 for one, tree in zip(VALID, expected, strict=True) if parse(one.text) != tree)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
