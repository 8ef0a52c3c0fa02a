"""GitHub's workflows keep our rules: what actionlint, which checks the language, does not look at.

A workflow calls make targets that exist and nothing else; actions are pinned by their commit; each job says
what its token may do, and how long it may take; nothing that a stranger writes gets into a shell; no secret
but the job's own token, and no key of AWS's.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import yaml  # type: ignore[import-untyped]

from tools.python_environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / ".github"
_WORKFLOWS = "./.github/workflows/"
_ACTIONS = "./.github/actions/"
_PINNED = re.compile(r"[\w.-]+/[\w.-]+(?:/[\w./-]+)?@[0-9a-f]{40}")
_VERSION = re.compile(r"#\s*v\d+\.\d+\.\d+\s*$")
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*", re.DOTALL)
# Where a document that make writes may go: the runner's folder for this job, or the job's own summary.
_REDIRECTION = re.compile(r'\s*(?:>\s*"\$RUNNER_TEMP/[\w.-]+"|>>\s*"\$GITHUB_STEP_SUMMARY")\s*$')
_SHELL = re.compile(r"[;&|<>`]|\$\(")
_SECRET = re.compile(r"\bsecrets\b(?!\.GITHUB_TOKEN\b)", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_TRIGGERS = {"pull_request_target": "it runs with this repository's rights on a stranger's change"}
_KEYS = {"aws-access-key-id", "aws-secret-access-key"}


Entries: TypeAlias = "dict[str, tuple[int, yaml.Node]]"


class _Problem(Exception):
    """The file is no workflow."""


def targets() -> set[str]:
    """Return the Makefile's documented targets."""
    return set(re.findall(r"^([a-z][a-z-]*):[^\n]*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def files() -> list[Path]:
    """Return every workflow, and every action of our own."""
    return sorted([*FOLDER.glob("workflows/*.y*ml"), *FOLDER.glob("actions/*/action.y*ml")])


def problems(path: Path) -> Iterator[str]:
    """Yield what is wrong in the workflow or action *path*, one line each with its place."""
    try:
        text = path.read_text()
        top = _entries(yaml.compose(text))
        found = list(_action(text, top) if path.stem == "action" else _workflow(text, top))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, _Problem) as error:
        found = [(1, " ".join(str(error).split()))]
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    for line, problem in sorted(found):
        yield f"{name}:{line}: {problem}"


def _entries(node: yaml.Node) -> Entries:
    """Return a mapping's entries: by name, the line of the name and the value."""
    if not isinstance(node, yaml.MappingNode):
        line = 1 if node is None else node.start_mark.line + 1
        raise _Problem(f"line {line}: expected names with values")
    return {str(key.value): (key.start_mark.line + 1, value) for key, value in node.value}


def _workflow(text: str, top: Entries) -> Iterator[tuple[int, str]]:
    for name in ("on", "permissions", "jobs"):
        if name not in top:
            yield 1, f"no `{name}`"
    for line, name in _triggers(top):
        if name in _TRIGGERS:
            yield line, f"`{name}` is not used: {_TRIGGERS[name]}"
    if "permissions" in top and top["permissions"][1].value != []:
        yield top["permissions"][0], "`permissions: {}` belongs there, and to each job what it needs"
    if "concurrency" not in top and not any(name == "workflow_call" for _, name in _triggers(top)):
        yield 1, "no `concurrency`"
    yield from _secrets(text)
    for name, (at, node) in (_entries(top["jobs"][1]) if "jobs" in top else {}).items():
        yield from _job(text, name, at, _entries(node))


def _action(text: str, top: Entries) -> Iterator[tuple[int, str]]:
    yield from _secrets(text)
    runs = _entries(top["runs"][1]) if "runs" in top else {}
    if "steps" not in runs:
        yield 1, "not an action of steps"
    for step in _steps(runs):
        if "run" in step:
            yield step["run"][0], "an action of ours runs nothing: a workflow's step calls make"
        yield from _step(text, step)


def _steps(place: Entries) -> Iterator[Entries]:
    if "steps" in place:
        line, node = place["steps"]
        if not isinstance(node, yaml.SequenceNode):
            raise _Problem(f"line {line}: expected a list of steps")
        yield from map(_entries, node.value)


def _secrets(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if _SECRET.search(_COMMENT.sub("", line)):
            yield number, "a secret other than secrets.GITHUB_TOKEN"


def _triggers(top: Entries) -> Iterator[tuple[int, str]]:
    if "on" not in top:
        return
    line, node = top["on"]
    if isinstance(node, yaml.ScalarNode):
        yield line, str(node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((one.start_mark.line + 1, str(one.value)) for one in node.value)
    else:
        yield from ((at, name) for name, (at, _) in _entries(node).items())


def _job(text: str, name: str, line: int, job: Entries) -> Iterator[tuple[int, str]]:
    if "permissions" not in job or not isinstance(job["permissions"][1], yaml.MappingNode):
        yield line, f"job {name} does not list its `permissions`"
    if "uses" in job:
        yield from _uses(text, job)
    elif "timeout-minutes" not in job:
        yield line, f"job {name} has no `timeout-minutes`"
    for step in _steps(job):
        yield from _step(text, step)


def _step(text: str, step: Entries) -> Iterator[tuple[int, str]]:
    inputs = _entries(step["with"][1]) if "with" in step else {}
    for key in sorted(_KEYS & set(inputs)):
        yield inputs[key][0], f"`{key}`: credentials come by OIDC, `role-to-assume`"
    if "shell" in step:
        yield step["shell"][0], "`shell`: the runner's own is used"
    if "uses" in step:
        yield from _uses(text, step)
        is_checkout = str(step["uses"][1].value).startswith("actions/checkout@")
        kept = inputs.get("persist-credentials")
        if is_checkout and (kept is None or kept[1].value != "false"):
            yield step["uses"][0], "checkout without `persist-credentials: false` leaves the token on disk"
    if "run" in step:
        node = step["run"][1]
        first = node.start_mark.line + (2 if node.style in {"|", ">"} else 1)
        for number, command in enumerate(str(node.value).splitlines(), first):
            yield from ((number, problem) for problem in _command(command))


def _uses(text: str, place: Entries) -> Iterator[tuple[int, str]]:
    line, node = place["uses"]
    action = str(node.value)
    if action.startswith((_WORKFLOWS, _ACTIONS)):
        if not (ROOT / action).exists():
            yield line, f"{action} is not there"
    elif not _PINNED.fullmatch(action):
        yield line, f"{action} is not pinned by a commit's 40 digits"
    elif not _VERSION.search(text.splitlines()[node.start_mark.line]):
        yield line, f"{action} does not say its version, as in `# v1.2.3`"


def _command(command: str) -> Iterator[str]:
    """Yield what is wrong with one line of a step: it may call a make target, and keep what that prints."""
    if not command.strip():
        return
    if "${{" in command:
        yield "`${{ }}` in `run` becomes part of the command: hand it over by `env`"
        return
    called = _REDIRECTION.sub("", command)
    if _SHELL.search(called):
        yield f"more than a make target is called: {command.strip()}"
        return
    try:
        words = shlex.split(called)
    except ValueError as error:
        yield f"{command.strip()}: {error}"
        return
    if len(words) < 2 or words[0] != "make" or not all(map(_ASSIGNMENT.fullmatch, words[2:])):
        yield f"more than a make target is called: {command.strip()}"
    elif words[1] not in targets():
        yield f"there is no make target {words[1]}"


def main(arguments: list[str]) -> int:
    """Check the files named, or all; print what is wrong and return 1 where something is."""
    paths = [Path(argument).resolve() for argument in arguments] or files()
    found = [problem for path in paths for problem in problems(path)]
    for problem in found:
        print(problem)
    print(f"{len(paths)} workflows and actions read, {len(found)} problems")
    return 1 if found or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
