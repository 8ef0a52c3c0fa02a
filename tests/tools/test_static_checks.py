"""The real linters, as `make lint` runs them: what is here passes, and a planted fault is found by each."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from tools import actionlint, checkov, checks, lint, locate, static_checks, terraform_docs, tflint

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "terraform" / "backend-app" / "stacks" / "logs"
# Where a linter isn't there yet, it is fetched or built first.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A copy of stack logs."""
    return Path(shutil.copytree(LOGS, tmp_path / "logs", ignore=shutil.ignore_patterns(".terraform")))


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    """A Dockerfile that no linter has a word to say about."""
    path = tmp_path / "Dockerfile"
    path.write_text(
        f"FROM python:3.11-slim@sha256:{64 * 'a'}\n"
        'RUN useradd --uid 10001 backend\nUSER 10001\nHEALTHCHECK CMD ["true"]\nCMD ["true"]\n'
    )
    return path


def test_every_stack_and_dockerfile_is_looked_at() -> None:
    """Each stack by tflint, terraform-docs and Terraform, checkov and hadolint once for all."""
    programs = dict.fromkeys(("actionlint", "terraform-docs", "tflint", *checkov.NAMES), Path("x"))
    names = [check.name for check in lint.checks(programs)]
    for stack in LOGS.parent.iterdir():
        assert {f"tflint {stack.name}", f"terraform-docs {stack.name}"} <= set(names)
        assert f"terraform validate {stack.name}" in names
    assert names.count("checkov") == 1
    assert {"compose files", "workflows' schema", "actions' schema", "development container"} <= set(names)
    assert ("hadolint" in names) is (ROOT / "Dockerfile").exists()
    assert len(names) == len(set(names))


def test_tflint_finds_an_unused_variable(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What Terraform lets pass; the message has the file, the line and the rule."""
    check = static_checks.tflint(tflint.ensure(), stack)
    assert checks.run(check), capsys.readouterr().out
    with (stack / "variables.tf").open("a") as file:
        file.write('\nvariable "planted" {\n  description = "Unused."\n  type        = string\n}\n')
    assert not checks.run(check)
    out = capsys.readouterr().out
    assert 'variable "planted" is declared but not used (terraform_unused_declarations)' in out
    assert "FAIL  tflint logs" in out


def test_tflint_knows_every_rule_of_its_ruleset(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, descriptions and types are asked for, which its default set doesn't."""
    (stack / "planted.tf").write_text('output "Planted" {\n  value = var.group_name\n}\n')
    assert not checks.run(static_checks.tflint(tflint.ensure(), stack))
    out = capsys.readouterr().out
    assert "terraform_naming_convention" in out
    assert "terraform_documented_outputs" in out


def test_tables_that_are_out_of_date_fail_and_are_mended(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lint says so, format writes them, and what stands around them stays."""
    program = terraform_docs.ensure()
    check = static_checks.tables(program, stack)
    assert checks.run(check), capsys.readouterr().out
    variables, readme = stack / "variables.tf", stack / "README.md"
    before = readme.read_text()
    planted = 'variable "planted" {\n  description = "One | <two> *three*."\n  type = object({\n'
    planted += '    # about it\n    one = string # more\n    two = optional(list(string), ["a"])\n  })\n'
    planted += '  default = { one = "x" }\n}\n\n'
    variables.write_text(planted + variables.read_text())
    assert not checks.run(check)
    assert "README.md is out of date" in capsys.readouterr().out
    assert checks.run(static_checks.tables(program, stack, write=True))
    assert checks.run(check)
    row = (
        '| `planted` | `object({ one = string, two = optional(list(string), ["a"]) })` | '
        '`{ "one": "x" }` | One \\| \\<two> \\*three\\*. |\n'
    )
    after = readme.read_text()
    assert row in after
    assert after.replace(row, "") == before


def test_a_readme_without_tables_fails(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new stack can't forget them."""
    (stack / "README.md").write_text("# logs\n")
    assert not checks.run(static_checks.tables(terraform_docs.ensure(), stack))
    assert "README.md is out of date" in capsys.readouterr().out


def test_checkov_finds_what_is_insecure(
    tmp_path: Path, stack: Path, dockerfile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a stack, a workflow and a Dockerfile; wherever the checkout lies, but not in its own tests."""
    program = checkov.ensure()["checkov"]
    root = tmp_path / "tests" / "checkout"
    shutil.copytree(stack, root / "terraform" / "logs")
    shutil.copytree(ROOT / ".github", root / ".github")
    shutil.copy(dockerfile, root)
    open_to_all = (
        'resource "aws_security_group_rule" "planted" {\n  type = "ingress"\n  from_port = 22\n'
        '  to_port = 22\n  protocol = "tcp"\n  cidr_blocks = ["0.0.0.0/0"]\n  security_group_id = "sg-1"\n}\n'
    )
    (root / "tests").mkdir()
    (root / "tests" / "planted.tf").write_text(open_to_all)
    (root / "dockerfile.py").write_text("FROM = 1\n")
    check = static_checks.checkov(program, root)
    assert checks.run(check), capsys.readouterr().out
    assert capsys.readouterr().out == "pass  checkov\n"

    (root / "terraform" / "logs" / "planted.tf").write_text(open_to_all)
    (root / ".github" / "workflows" / "planted.yml").write_text(
        "on: push\npermissions: write-all\njobs:\n  a:\n    runs-on: ubuntu-24.04\n"
        "    steps: [{run: make lint}]\n"
    )
    (root / "Dockerfile").write_text(dockerfile.read_text().replace("USER 10001\n", ""))
    assert not checks.run(check)
    out = capsys.readouterr().out
    assert "CKV_AWS_24" in out
    assert "/terraform/logs/planted.tf:1-8" in out
    assert "Ensure that a user for the container has been created" in out
    assert "/.github/workflows/planted.yml" in out
    assert "tests/planted.tf" not in out


def test_a_file_that_checkov_cannot_read_fails(
    tmp_path: Path, stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be left out without a word, and checkov itself calls that success."""
    (stack / "main.tf").write_text('resource "aws_s3_bucket" "this" {\n')
    assert not checks.run(static_checks.checkov(checkov.ensure()["checkov"], tmp_path))
    assert "Parsing errors: 1" in capsys.readouterr().out


def test_hadolint_finds_a_fault(dockerfile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the instructions, and in the shell commands in them."""
    program = checkov.ensure()["hadolint"]
    check = static_checks.hadolint(program, [dockerfile])
    assert checks.run(check), capsys.readouterr().out
    dockerfile.write_text("FROM quay.io/debian\nRUN echo $UNQUOTED\n")
    assert not checks.run(check)
    out = capsys.readouterr().out
    for rule in ("DL3006", "DL3026", "SC2086"):
        assert rule in out


def test_what_the_user_has_set_for_himself_does_not_count(
    tmp_path: Path, dockerfile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither variables in the shell nor files in the home folder: what CI finds, everybody finds."""
    dockerfile.write_text("FROM debian\nUSER root\n")
    programs = checkov.ensure()
    configuration = locate.cli_config()  # looked for in the home folder, as the cache is
    monkeypatch.setattr(locate, "cli_config", lambda: configuration)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".checkov.yaml").write_text("soft-fail: true\n")
    (home / ".hadolint.yaml").write_text("no-fail: true\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HADOLINT_NOFAIL", "1")
    monkeypatch.setenv("CKV_FRAMEWORK", "terraform")
    assert not checks.run(static_checks.hadolint(programs["hadolint"], [dockerfile]))
    assert not checks.run(static_checks.checkov(programs["checkov"], tmp_path))
    assert "CKV_DOCKER_8" in capsys.readouterr().out


def test_a_linter_that_cannot_be_had_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lint then checks nothing, and says what to install."""
    monkeypatch.setenv("TRACED_BACKEND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(actionlint, "ensure", partial(actionlint.ensure, releases_url="http://127.0.0.1:9"))
    monkeypatch.setattr(sys, "argv", ["lint"])
    assert lint.main() == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == (
        "lint: actionlint 1.7.12 can't be built without Go: install Go 1.26.3 or later, or actionlint "
        "1.7.12, so that it is on PATH"
    )
