"""Filter expressions found in Terraform's and Terragrunt's files, and read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import checkov, filters_check, lint
from tools.filters_check import expressions, files, main
from tools.python_environment import FOLDER

ENVIRONMENTS = ("dev", "local", "prod")


def _found(folder: Path, text: str) -> list[tuple[int, str | None]]:
    path = folder / "main.tf"
    path.write_text(text)
    return [(one.line, one.text) for one in expressions(path)]


def test_the_repositorys_own_are_found_and_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the three environments, with a name in the service's place; what env.hcl says isn't known."""
    units = [path for path in files() if path.parent.name == "xray" and path.name == "terragrunt.hcl"]
    assert [[one.text for one in expressions(path)] for path in units] == [['service("name")', None]] * 3
    names = [f"config/{one}/{unit}/terragrunt.hcl" for one in ENVIRONMENTS for unit in ("alarms", "xray")]
    places = [*names, "stacks/alarms/xray.tf", "stacks/xray/main.tf"]
    assert main([]) == 0
    *not_read, count = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0].removeprefix("terraform/backend-app/") for line in not_read] == places
    assert [re.sub(r"^[^:]+:[0-9]+: ", "", line) for line in not_read] == [
        "filter_expression: not read, known once it is rendered" for _ in places
    ]
    assert count == "6 filter expressions read, 0 of them wrong, 8 not read"


_HEREDOC = 'service("name") {\n  user = "a\\b"}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('filter_expression = "fault"\n', "fault"),
        ('inputs = { filter_expression = "ok", other = 1 }', "ok"),
        ('inputs = { "a" = 1, filter_expression : "ok" }', "ok"),
        ('filter_expression = "user = \\"a\\\\b\\u00e9\\"" # comment\n', 'user = "a\\bé"'),
        ('filter_expression = "service(\\"$${x}\\")"\n', 'service("${x}")'),
        ('filter_expression = "service(\\"a-${var.x["}"]}-b\\") {ok}"\n', 'service("a-name-b") {ok}'),
        ('filter_expression = "service(\\"${"${local.x}"}\\")"', 'service("name")'),
        ("filter_expression = <<EOT\nok\n  AND fault\nEOT\n", "ok\n  AND fault\n"),
        ("filter_expression = <<-EOT\n    ok\n      fault\n  EOT\n", "ok\n  fault\n"),
        ('filter_expression = <<EOT\nservice("$${x}")\nEOT\n', 'service("${x}")\n'),
        ('filter_expression = <<-EOT\n    service("${local.x}") {\n      user = "a\\b"}\n  EOT\n', _HEREDOC),
        ('filter_expression = ("fault")\n', "fault"),
        ('filter_expression = (\n  ("fault")\n)\n', "fault"),
        ('inputs = { "filter_expression" = "fault" }', "fault"),
        ('inputs = { "filter_expression" : "fault" }', "fault"),
        ('variable "filter_expression" {\n  type = string\n  default = "fault"\n}', "fault"),
        ('variable filter_expression {\n  default = ("fault")\n}', "fault"),
        ('x = object({ filter_expression = optional(string, "fault") })', "fault"),
        ('filter_expression = local.x ? "fault" : null\n', "fault"),
    ],
)
def test_a_text_is_read_as_hcl_reads_it(tmp_path: Path, text: str, expected: str) -> None:
    """Escapes, heredocs, defaults, brackets; an interpolation inside of quotes is some name."""
    assert [found for _, found in _found(tmp_path, text)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "filter_expression = var.filter_expression\n",
        'filter_expression = "${local.filter} AND ok"\n',
        'filter_expression = "%{ if local.x }ok%{ endif }"\n',
        'filter_expression = ("ok") == local.x\n',
        'filter_expression = { for k, v in local.x : k => v ? "ok" : "fault" }["k"]\n',
        'filter_expression = join(" ", ["ok", "fault"])\n',
        "filter_expression = <<EOT\n${local.filter}\nEOT\n",
    ],
)
def test_what_is_only_known_once_rendered_is_left_alone(tmp_path: Path, text: str) -> None:
    """It is found, and not read."""
    assert _found(tmp_path, text) == [(1, None)]


@pytest.mark.parametrize(
    "text",
    [
        '# filter_expression = "x"\n// filter_expression = "x"\n/* filter_expression = "x"\n*/',
        'description = "filter_expression = \\"x\\""',
        'condition = var.filter_expression == "x"',
        'variable "filter_expression" {\n  default = null\n}',
        'variable "filter_expression" {\n  type = object({ default = string })\n}\ndefault = "x"',
        'variable "other" {\n  default = "x"\n}',
        'x = local.y ? "filter_expression" : "x"',
        "type = object({ filter_expression = string, other = string })",
        "type = object({ filter_expression = optional(string) })",
    ],
)
def test_what_is_no_filter_expression_is_not_found(tmp_path: Path, text: str) -> None:
    """Comments, texts, comparisons, other variables."""
    assert _found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('local.x ? "ok" : "fault"', ["ok", "fault"]),
        ('(local.x["a"] ? "ok" : "fault")', ["ok", "fault"]),
        ('local.x ? local.y ? "a" : "b" : ("c")', ["a", "b", "c"]),
        ('local.x ? "ok" : local.y ? "a" : "b"', ["ok", "a", "b"]),
        ('local.x ? "ok" : local.y', ["ok", None]),
        ('"ok" == local.x ? local.y : local.z', [None, None]),
        ('local.x ? "${local.y}" : "ok"', [None, "ok"]),
    ],
)
def test_both_sides_of_a_condition_are_read(tmp_path: Path, value: str, expected: list[str | None]) -> None:
    """Each is an expression that may be; one that isn't written out is not read."""
    text = f"inputs = {{ filter_expression = {value}, other = 1 }}\n"
    assert [found for _, found in _found(tmp_path, text)] == expected


def test_what_is_not_read_is_named_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its place; that alone is no failure."""
    path = tmp_path / "main.tf"
    path.write_text('filter_expression = var.x\nfilter_expression = local.x ? "ok" : "fault OR"\n')
    assert main([str(path)]) == 1
    wrong, not_read, count = capsys.readouterr().out.splitlines()
    assert wrong.startswith(f"{path}:2: filter_expression: Error Location: ")
    assert not_read == f"{path}:1: filter_expression: not read, known once it is rendered"
    assert count == "2 filter expressions read, 1 of them wrong, 1 not read"


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line; the exit code is 2."""
    path = tmp_path / "none.tf"
    assert main([str(path)]) == 2
    assert capsys.readouterr().err == f"{path}: No such file or directory\n"


def test_a_wrong_one_is_named_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File, line, and X-Ray's form of the message; the exit code is 1."""
    path = tmp_path / "terragrunt.hcl"
    path.write_text(
        'inputs = {\n  # a wrong one\n  filter_expression = "service(\\"${local.x}\\") {fault"\n}\n'
    )
    assert main([str(path)]) == 1
    output = capsys.readouterr().out
    assert output.startswith(f"{path}:3: filter_expression: Error Location: line 1, position 23 : ")
    assert "the expression ends, expected" in output


@pytest.mark.parametrize(
    "text", ['filter_expression = "', "filter_expression = <<X\n", "filter_expression =", '"${']
)
def test_a_file_that_ends_too_early_is_no_crash(tmp_path: Path, text: str) -> None:
    """terraform validate says what is wrong with it."""
    _found(tmp_path, text)


def test_lint_has_the_check() -> None:
    """make lint runs this module."""
    programs = dict.fromkeys(("actionlint", "terraform-docs", "tflint", *checkov.NAMES), Path("program"))
    commands = [check.command for check in lint.checks(programs)]
    assert (FOLDER / "bin" / "python", "-m", filters_check.__name__) in commands
