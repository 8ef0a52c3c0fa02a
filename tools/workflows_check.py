"""GitHub's workflows keep our rules: what actionlint, which checks the language, does not look at.

A workflow starts by what it is known to start by, on GitHub's own runner, and calls make targets that exist
and nothing else; actions are pinned by their commit; each job says what its token may do, and how long it may
take; nothing that a stranger writes gets into a job; nothing that other jobs have left gets into one with
credentials; no secret but the job's own token, and no key of AWS's.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import yaml  # type: ignore[import-untyped]

from tools import workflow_commands
from tools.python_environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FOLDER = ROOT / ".github"
_WORKFLOWS = "./.github/workflows/"
_ACTIONS = "./.github/actions/"
_PINNED = re.compile(r"[\w.-]+/[\w.-]+(?:/[\w./-]+)?@[0-9a-f]{40}")
_VERSION = re.compile(r"#\s*v\d+\.\d+\.\d+\s*$")
_SECRET = re.compile(r"\bsecrets\b(?!\.GITHUB_TOKEN\b)", re.IGNORECASE)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
# Of what GitHub tells of a run: numbers, and names that nobody chooses for it.
_TOLD = re.compile(
    r"\bgithub\.(?:event\.(?:\w+\.)?number|repository|run_(?:attempt|id|number)|sha|token)(?![\w.-])"
)
_GITHUB = re.compile(r"\bgithub\b", re.IGNORECASE)
_RUNNER = re.compile(r"ubuntu-\d\d\.\d\d")
_TRIGGERS = ("pull_request", "push", "schedule", "workflow_call", "workflow_dispatch")
# A workflow's and a job's: `defaults` sets the shell, the others bring images that nobody has pinned.
_REFUSED = ("container", "defaults", "services")
_KEYS = {"aws-access-key-id", "aws-secret-access-key"}


Entries: TypeAlias = "dict[str, tuple[int, yaml.Node]]"


class _Problem(Exception):
    """The file is no workflow."""


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
        if name not in _TRIGGERS:
            yield line, f"`{name}` is not used: a workflow starts by {', '.join(_TRIGGERS)}"
    yield from _refused(top)
    if "permissions" in top and top["permissions"][1].value != []:
        yield top["permissions"][0], "`permissions: {}` belongs there, and to each job what it needs"
    needs_group = "concurrency" not in top and all(name != "workflow_call" for _, name in _triggers(top))
    yield from _secrets(top)
    yield from _told(top, without={"concurrency", "jobs"})
    for name, (at, node) in (_entries(top["jobs"][1]) if "jobs" in top else {}).items():
        job = _entries(node)
        if needs_group and "concurrency" not in job:
            yield at, f"neither the workflow nor job {name} has a `concurrency`"
        yield from _job(text, name, at, job)


def _action(text: str, top: Entries) -> Iterator[tuple[int, str]]:
    yield from _secrets(top)
    yield from _told(top, without={"runs"})
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


def _scalars(entries: Entries, without: Collection[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield every name and every value below, with its line, save for the entries *without*."""
    seen: set[int] = set()
    left = [node for name, (_, node) in entries.items() if name not in without]
    yield from ((line, name) for name, (line, _) in entries.items() if name not in without)
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node.start_mark.line + 1, str(node.value)
        elif isinstance(node, yaml.MappingNode):
            left += [part for entry in node.value for part in entry]
        else:
            left += node.value


def _secrets(top: Entries) -> Iterator[tuple[int, str]]:
    for line, said in _scalars(top):
        if _SECRET.search(said):
            yield line, "a secret other than secrets.GITHUB_TOKEN"


def _told(entries: Entries, *, without: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield where an expression hands on what a stranger may have written: a title, a branch's name.

    GitHub evaluates the conditions and groups that the caller leaves out itself; nothing gets them.
    """
    for line, said in _scalars(entries, without):
        if any(_GITHUB.search(_TOLD.sub("", expression)) for expression in _EXPRESSION.findall(said)):
            yield line, "`${{ github.* }}` hands on what a stranger may have written: numbers alone may"


def _refused(place: Entries) -> Iterator[tuple[int, str]]:
    for name in _REFUSED:
        if name in place:
            yield place[name][0], f"`{name}` is not used: what runs is GitHub's own runner and its shell"


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
    yield from _refused(job)
    yield from _told(job, without={"concurrency", "if", "steps"})
    if "uses" in job:
        yield from _uses(text, job)
    else:
        if "timeout-minutes" not in job:
            yield line, f"job {name} has no `timeout-minutes`"
        runner = job.get("runs-on", (line, None))
        if not _RUNNER.fullmatch(str(getattr(runner[1], "value", ""))):
            yield runner[0], f"job {name} does not run on GitHub's own Ubuntu, as in `ubuntu-24.04`"
    for step in _steps(job):
        yield from _step(text, step)
        if _may_be_trusted(job):
            yield from _kept_by_others(step)


def _may_be_trusted(job: Entries) -> bool:
    """Tell whether the job can get credentials of a cloud's: by a permission of its own, or by all."""
    node = job["permissions"][1] if "permissions" in job else None
    return not isinstance(node, yaml.MappingNode) or "id-token" in _entries(node)


def _kept_by_others(step: Entries) -> Iterator[tuple[int, str]]:
    inputs = _entries(step["with"][1]) if "with" in step else {}
    is_cache = "uses" in step and str(step["uses"][1].value).startswith("actions/cache")
    if is_cache or "cache" in inputs:
        line = inputs["cache"][0] if "cache" in inputs else step["uses"][0]
        yield line, "a job with `id-token` takes nothing from a cache: other jobs can write to it"


def _step(text: str, step: Entries) -> Iterator[tuple[int, str]]:
    yield from _told(step, without={"if"})
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
            yield from ((number, problem) for problem in workflow_commands.problems(command))


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
