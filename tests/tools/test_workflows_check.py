"""Our rules for workflows: kept by those that are here, and each broken in turn."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tools import actionlint, checkov, lint, workflows_check

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = dict.fromkeys(("actionlint", "terraform-docs", "tflint", *checkov.NAMES), Path("program"))
SHA = 40 * "a"
GOOD = f"""\
name: good
on:
  pull_request:
permissions: {{}}
concurrency:
  group: good
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@{SHA} # v1.2.3
        with:
          persist-credentials: false
      - uses: ./.github/actions/tools
      - env:
          ENVIRONMENT: ${{{{ inputs.environment }}}}
          DOCUMENTS: ${{{{ github.event.pull_request.number }}}} ${{{{ github.run_id }}}}
          GITHUB_TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}
        run: make verify ENV="$ENVIRONMENT" FORMAT=json > "$RUNNER_TEMP/verify.json"
      - run: |
          make lint

          make verify FORMAT=markdown >> "$GITHUB_STEP_SUMMARY"
"""
RUN = "        run: make verify"
TIMEOUT = "    timeout-minutes: 5\n"
INPUT = "inputs.environment"
HANDED_ON = "19: `${{ github.* }}` hands on what a stranger may have written"
TOOLS = "      - uses: ./.github/actions/tools\n"
# What a step hands on by its environment and make takes from there; the others are not make's.
MAKE_VARIABLES = {"DOCUMENTS", "ROUTES"}


def _problems(folder: Path, text: str) -> list[str]:
    path = folder / "workflow.yml"
    path.write_text(text)
    return [problem.removeprefix(f"{path}:") for problem in workflows_check.problems(path)]


def _command(line: str) -> tuple[str, str]:
    return "          make lint\n", f"          {line}\n"


def test_our_workflows_keep_the_rules() -> None:
    """All of them, and our action; that there are some is looked at too."""
    assert [problem for path in workflows_check.files() for problem in workflows_check.problems(path)] == []
    names = {path.name for path in workflows_check.files()}
    assert {"ci.yml", "plan.yml", "apply.yml", "verify.yml", "action.yml"} <= names


def _commands() -> list[tuple[list[str], dict[str, str]]]:
    """Return each make command of a workflow as words, with the variables that its step sets."""
    found = []
    for path in sorted((ROOT / ".github" / "workflows").iterdir()):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job.get("steps", []):
                lines = step.get("run", "").splitlines()
                found += [(shlex.split(line.partition(">")[0]), step.get("env", {})) for line in lines]
    return found


def test_every_variable_of_a_command_is_one_that_its_target_takes() -> None:
    """Make ignores a wrong name, and the default, such as ENV=local, would count unseen."""
    commands = _commands()
    assert len(commands) > 10
    for words, variables in commands:
        given = [word.partition("=")[0] for word in words[2:]]
        handed_on = [name for name in variables if name in MAKE_VARIABLES]
        finished = subprocess.run(
            ["make", "-n", words[1], *(f"{name}=given-{name}" for name in given)],
            cwd=ROOT,
            env={**os.environ, **{name: f"given-{name}" for name in handed_on}},
            capture_output=True,
            text=True,
            check=True,
        )
        for name in (*given, *handed_on):
            assert f"'given-{name}'" in finished.stdout, f"make {words[1]} takes no {name}"
        assert "UNIT" in given or words[1] not in {"plan", "apply"}, "the key's unit is not for GitHub"


def test_a_workflow_that_keeps_them_passes(tmp_path: Path) -> None:
    """What each of the next tests changes has no problem before."""
    assert _problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  pull_request:\n", "  pull_request_target:\n", "3: `pull_request_target` is not used"),
        ("on:\n  pull_request:\n", "on: [push, pull_request_target]\n", "`pull_request_target` is not used"),
        ("on:\n  pull_request:\n", "on: pull_request_target\n", "`pull_request_target` is not used"),
        ("permissions: {}\n", "permissions: write-all\n", "4: `permissions: {}` belongs there"),
        ("permissions: {}\n", "", "1: no `permissions`"),
        ("    permissions:\n      contents: read\n", "", "8: job one does not list its `permissions`"),
        ("    permissions:\n      contents: read\n", "    permissions: read-all\n", "does not list its"),
        ("concurrency:\n  group: good\n", "", "6: neither the workflow nor job one has"),
        ("  pull_request:\n", "  workflow_run:\n", "3: `workflow_run` is not used"),
        ("  pull_request:\n", "  issue_comment:\n", "3: `issue_comment` is not used"),
        ("name: good\n", "name: good\ndefaults: {run: {shell: python}}\n", "2: `defaults` is not used"),
        (TIMEOUT, TIMEOUT + "    defaults: {run: {shell: python}}\n", "11: `defaults` is not used"),
        (TIMEOUT, TIMEOUT + "    container: alpine\n", "11: `container` is not used"),
        (TIMEOUT, TIMEOUT + "    services: {x: {image: redis}}\n", "11: `services` is not used"),
        ("ubuntu-24.04", "self-hosted", "9: job one does not run on GitHub's own"),
        ("ubuntu-24.04", "[self-hosted, linux]", "9: job one does not run on GitHub's own"),
        ("ubuntu-24.04", "ubuntu-latest", "9: job one does not run on GitHub's own"),
        ("ubuntu-24.04", "${{ inputs.runner }}", "9: job one does not run on GitHub's own"),
        ("    runs-on: ubuntu-24.04\n", "", "8: job one does not run on GitHub's own"),
        (INPUT, "github.event.pull_request.title", HANDED_ON),
        (INPUT, "github.event.pull_request.head.ref", HANDED_ON),
        (INPUT, "github['event'].issue.title", HANDED_ON),
        (INPUT, "toJSON(github)", HANDED_ON),
        (INPUT, "github.head_ref", HANDED_ON),
        (INPUT, "github.ref_name", HANDED_ON),
        (INPUT, "github.sha || GitHub.head_ref", HANDED_ON),
        (TIMEOUT, TIMEOUT + "    env:\n      X: ${{ github.head_ref }}\n", "12: `${{ github.* }}`"),
        ("jobs:\n", "env:\n  X: ${{ github.head_ref }}\njobs:\n", "8: `${{ github.* }}`"),
        ("persist-credentials: false", "ref: ${{ github.head_ref }}", "16: `${{ github.* }}`"),
        ("    timeout-minutes: 5\n", "", "job one has no `timeout-minutes`"),
        (f"@{SHA} # v1.2.3", "@v1 # v1.2.3", "14: actions/checkout@v1 is not pinned"),
        (f"@{SHA} # v1.2.3", f"@{SHA[:39]} # v1.2.3", "is not pinned"),
        (f"@{SHA} # v1.2.3", f"@{SHA}", "does not say its version"),
        (f"@{SHA} # v1.2.3", f"@{SHA} # main", "does not say its version"),
        ("./.github/actions/tools", "./.github/actions/nothing", "nothing is not there"),
        ("./.github/actions/tools", "docker://alpine", "is not pinned"),
        ("persist-credentials: false", "persist-credentials: true", "leaves the token on disk"),
        ("persist-credentials: false", "fetch-depth: 0", "leaves the token on disk"),
        ("persist-credentials: false", "aws-access-key-id: x", "credentials come by OIDC"),
        ("secrets.GITHUB_TOKEN", "secrets.DEPLOY_KEY", "21: a secret other than"),
        ("${{ secrets.GITHUB_TOKEN }}", '"x # ${{ secrets.DEPLOY_KEY }}"', "21: a secret other than"),
        ("${{ secrets.GITHUB_TOKEN }}", "|\n            x # ${{ secrets.KEY }}", "21: a secret other than"),
        ("secrets.GITHUB_TOKEN", "secrets['DEPLOY_KEY']", "a secret other than"),
        ("secrets.GITHUB_TOKEN", "toJSON(secrets)", "a secret other than"),
        ("    timeout-minutes: 5\n", "    timeout-minutes: 5\n    secrets: inherit\n", "a secret other than"),
        (RUN, "        shell: python\n" + RUN, "`shell`"),
        (*_command("make lint ENV=${{ github.event.pull_request.title }}"), "24: `${{ }}` in `run`"),
        (*_command("make nothing"), "24: there is no make target nothing"),
        (*_command("make ready"), "there is no make target ready"),
        (*_command("make"), "more than a make target"),
        (*_command("make lint test"), "more than a make target"),
        (*_command("make -f other lint"), "more than a make target"),
        (*_command("npm install"), "more than a make target"),
        (*_command("make lint; curl x"), "more than a make target"),
        (*_command("make lint && curl x"), "more than a make target"),
        (*_command("make lint | tee x"), "more than a make target"),
        (*_command("make lint ENV=$(id)"), "more than a make target"),
        (*_command("make lint ENV=`id`"), "more than a make target"),
        (*_command("make lint > /etc/passwd"), "more than a make target"),
        (*_command('make lint > "$RUNNER_TEMP/../x"'), "more than a make target"),
        (*_command("make lint ENV='x"), "No closing quotation"),
        ("jobs:\n", "jobs:\n  - x\n", "1: "),
        ("    steps:\n", "    steps: none\n    others:\n", "expected a list of steps"),
        ("name: good\n", "name: [good\n", "1: "),
    ],
)
def test_each_rule_that_is_broken_is_found(tmp_path: Path, old: str, new: str, said: str) -> None:
    """With the line where it is."""
    assert GOOD.count(old) >= 1
    found = _problems(tmp_path, GOOD.replace(old, new, 1))
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    "step",
    [
        TOOLS + '        with:\n          cache: "true"\n',
        f"      - uses: actions/cache/restore@{SHA} # v1.2.3\n        with:\n          key: x\n",
        f"      - uses: actions/setup-python@{SHA} # v1.2.3\n        with:\n          cache: pip\n",
    ],
)
def test_a_job_with_credentials_takes_nothing_from_a_cache(tmp_path: Path, step: str) -> None:
    """An executable that a job without them has left would run with them; that job may have a cache."""
    cached = GOOD.replace(TOOLS, step)
    assert _problems(tmp_path, cached) == []
    (problem,) = _problems(tmp_path, cached.replace("contents: read\n", "id-token: write\n"))
    assert "a job with `id-token` takes nothing from a cache" in problem


def test_a_group_of_each_job_will_do(tmp_path: Path) -> None:
    """Where the workflow has none; and what a reusable one's caller has is enough."""
    alone = GOOD.replace("concurrency:\n  group: good\n", "")
    assert _problems(tmp_path, alone.replace(TIMEOUT, TIMEOUT + "    concurrency: apply-dev\n")) == []
    assert _problems(tmp_path, alone.replace("  pull_request:\n", "  workflow_call:\n")) == []


def test_values_that_lead_back_to_themselves_are_read(tmp_path: Path) -> None:
    """YAML's anchors may do that."""
    looped = GOOD.replace("jobs:\n", "env: &loop\n  X: *loop\njobs:\n")
    assert _problems(tmp_path, looped) == []


def test_an_action_of_ours_is_looked_at_too(tmp_path: Path) -> None:
    """It pins what it uses, and runs nothing itself."""
    path = tmp_path / "action.yml"
    steps = "    - uses: actions/cache@v5\n    - run: make lint\n      shell: sh\n"
    path.write_text(f"runs:\n  using: composite\n  steps:\n{steps}")
    found = "\n".join(workflows_check.problems(path))
    assert "is not pinned" in found
    assert "runs nothing" in found
    path.write_text("runs:\n  using: docker\n  image: Dockerfile\n")
    assert any("not an action of steps" in problem for problem in workflows_check.problems(path))


@pytest.mark.parametrize("content", [b"", b"\xff", b"- 1", b"jobs: {one: 1}", b"on: {a: b"])
def test_a_file_that_is_no_workflow_is_told_in_a_line(tmp_path: Path, content: bytes) -> None:
    """Whatever it holds; the command answers 1."""
    path = tmp_path / "broken.yml"
    path.write_bytes(content)
    finished = subprocess.run(
        [sys.executable, "-m", "tools.workflows_check", str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert finished.returncode == 1
    assert finished.stderr == ""
    assert finished.stdout.startswith(f"{path}:1: ")


def test_lint_runs_both_checks() -> None:
    """Ours, and actionlint over every workflow; nothing else that is on PATH has a say."""
    found = {check.name: check for check in lint.checks(PROGRAMS)}
    assert {"workflows", "actionlint"} <= set(found)
    command = [str(part) for part in found["actionlint"].command]
    assert {"-shellcheck=", "-pyflakes="} <= set(command)
    assert {Path(word).name for word in command if word.endswith("ml")} == {
        path.name for path in (ROOT / ".github" / "workflows").iterdir()
    }


def test_actionlint_passes_every_workflow_and_finds_a_fault(tmp_path: Path) -> None:
    """The real one, as lint runs it."""
    programs = {**PROGRAMS, "actionlint": actionlint.ensure()}
    check = next(one for one in lint.checks(programs) if one.name == "actionlint")
    finished = subprocess.run(list(map(str, check.command)), cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    broken = tmp_path / "broken.yml"
    broken.write_text(GOOD.replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-24.04\n    needs: nobody"))
    words = [str(part) for part in check.command if not str(part).endswith("ml")]
    finished = subprocess.run([*words, str(broken)], cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 1
    assert "nobody" in finished.stdout
