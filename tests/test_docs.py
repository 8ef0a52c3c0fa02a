"""The documents against the code: targets, commands, settings, checks, links. Nothing is run."""

from __future__ import annotations

import ast
import os
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import Loader

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = DOCS / "commands"
LINE_MAX_CHARACTERS = 110

_SKIPPED = {".git", ".venv", ".local", ".terragrunt-cache", ".terraform", ".hypothesis", "node_modules"}
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")

# The environment variables that the code knows: by prefix, and whatever a reader of settings is asked for.
_VARIABLE = re.compile(
    r"(?:AWS|GUNICORN|HONEYCOMB|MOTO|OTEL|S3|TF|TG|TRACED_BACKEND|TRACING|XDG)_[A-Za-z0-9_]+"
)
_NAME = re.compile(r"[A-Z][A-Z0-9_]+")
_READERS = {"boolean", "choice", "first", "host", "integer", "origin", "parsed", "url"}
_READER_NAMES = {"read", "reader"}
_LOOKUPS = {"get", "pop", "setdefault"}
_ENVIRONMENTS = {"caller", "child", "chosen", "environment", "os.environ", "self.environment", "variables"}
# gunicorn sets it, nobody else does.
_NO_SETTINGS = {"SERVER_SOFTWARE"}
_SETTINGS_IN_HCL = re.compile(r'get_env\("([A-Z_]+)"')


@cache
def documents() -> tuple[Path, ...]:
    """Every Markdown file of the repository."""
    found: list[Path] = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in _SKIPPED]
        found += [Path(folder) / name for name in names if name.endswith(".md")]
    return tuple(sorted(found))


@cache
def makefile() -> dict[str, str]:
    """The Makefile's documented targets and, of each, the recipe with its variables expanded."""
    text = (ROOT / "Makefile").read_text()
    variables = dict(re.findall(r"^([A-Z_]+) :?= (.*)$", text, re.MULTILINE))
    targets = re.findall(r"^([a-z][a-z-]*):[^\n]*## [^\n]+\n((?:\t[^\n]*\n)*)", text, re.MULTILINE)

    def expanded(recipe: str) -> str:
        known = re.compile(r"\$\(([A-Z_]+)\)")
        while any(name in variables for name in known.findall(recipe)):
            recipe = known.sub(lambda found: variables.get(found[1], f"$({found[1]!s})"), recipe)
        return recipe

    return {name: expanded(recipe) for name, recipe in targets if name != "help"}


def make_variables(target: str) -> set[str]:
    """The variables that a caller of *target* may set."""
    found = set(re.findall(r"\$\((?:call on_command_line,)?([A-Z_]+)\)", makefile()[target]))
    if "ENV_ON_COMMAND_LINE" in found or "--env" in makefile()[target]:
        found.add("ENV")
    return found - {"ENV_ON_COMMAND_LINE"}


def rows(text: str) -> list[list[str]]:
    """The cells of every table row in *text*, heads and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("| "))] for line in lines]
    return [row for row in cells if not set(row[0]) <= {"-", " "}]


def settings_documented(section: str | None = None) -> set[str]:
    """The settings that have a row in docs/settings.md, of one section or of all."""
    text = (DOCS / "settings.md").read_text()
    if section is not None:
        text = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return {name for row in rows(text) for name in _CODE_SPAN.findall(row[0])}


@cache
def parsed(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(path.read_text())


def sources(*folders: str) -> list[Path]:
    """Every Python file below *folders*."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def settings_in_code() -> frozenset[str]:
    """The environment variables that the code reads or sets."""
    found: set[str] = set()
    for path in sources("backend-flask", "scripts", "tools", "localcloud", "xray"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if _VARIABLE.fullmatch(node.value) else set()
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                asked, owner = node.func.attr, ast.unparse(node.func.value)
                if (asked in _READERS and owner in _READER_NAMES) or (
                    asked in _LOOKUPS and owner in _ENVIRONMENTS
                ):
                    found |= {word for word in _strings(node.args) if _NAME.fullmatch(word)}
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                found |= set(_strings([node.slice]))
    for path in (ROOT / "terragrunt.hcl", *(ROOT / "terraform").rglob("*.hcl")):
        if ".terragrunt-cache" not in path.parts:
            found |= set(_SETTINGS_IN_HCL.findall(path.read_text()))
    return frozenset(found - _NO_SETTINGS)


def _strings(nodes: list[ast.expr]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def hcl_names(block: str) -> set[str]:
    """The names that the block *block* of defaults.hcl sets."""
    text = (ROOT / "terraform" / "backend-app" / "config" / "defaults.hcl").read_text()
    body = text.split(f"\n  {block} = {{\n")[1].split("\n  }\n")[0]
    return set(re.findall(r"^    ([a-z_]+) +=", body, re.MULTILINE))


def shell_blocks(text: str) -> list[str]:
    """The shell blocks of a document, in their order, their indentation removed."""
    return re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[list[str]]:
    """The words of each command of a shell block; comments and variables before a command are left out."""
    lines = block.replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    assignment = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
    found = []
    for line in filter(None, words):
        while line and assignment.fullmatch(line[0]):
            line = line[1:]
        found.append(line)
    return found


def slug(heading: str) -> str:
    """The anchor that GitHub gives to *heading*."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings."""
    return {
        slug(line) for line in re.findall(r"^#+ (.+)$", _without_code(document.read_text()), re.MULTILINE)
    }


def _without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def test_every_target_has_a_page_and_every_page_a_target() -> None:
    """docs/commands has exactly one page for each make target, linked from its table."""
    pages = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    assert pages == set(makefile())
    listed = re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\) \|", (PAGES / "README.md").read_text(), re.MULTILINE)
    assert listed == list(dict.fromkeys(listed))
    assert set(listed) == set(makefile())


def test_the_readme_names_every_target() -> None:
    """Whoever reads the README alone finds every command."""
    assert set(makefile()) <= set(_MAKE.findall((ROOT / "README.md").read_text()))


@pytest.mark.parametrize("target", sorted(makefile()))
def test_a_page_has_its_targets_variables(target: str) -> None:
    """A page names its command and has a row for each variable that make takes for it, and for no other."""
    text = (PAGES / f"{target}.md").read_text()
    assert text.startswith(f"# make {target}\n")
    documented = {name for row in rows(text) for name in _CODE_SPAN.findall(row[0]) if _NAME.fullmatch(name)}
    wanted = make_variables(target)
    assert wanted <= documented
    assert documented - wanted <= settings_documented() | {"PYTHON"}


def test_every_operators_command_has_a_target() -> None:
    """Each command of ``python -m scripts`` is reached by a target of the same name."""
    files = (ROOT / "scripts" / "commands").glob("[a-z]*.py")
    names = {path.stem.replace("_", "-") for path in files}
    reached = {
        name: found[1]
        for name, recipe in makefile().items()
        if (found := re.search(r"-m scripts ([a-z-]+)", recipe))
    }
    assert reached == {name: name for name in names}


def test_every_setting_of_the_code_is_documented() -> None:
    """Each environment variable that the code reads or sets stands in docs/settings.md."""
    named = set(_CODE_SPAN.findall((DOCS / "settings.md").read_text()))
    assert settings_in_code() - named == set()


def test_every_documented_setting_is_in_the_code() -> None:
    """No row of docs/settings.md outlives its setting."""
    documented = {name for name in settings_documented() if _NAME.fullmatch(name)}
    assert documented - settings_in_code() == set()
    assert len(documented) > 30, "the tables of docs/settings.md were not found"


def test_settings_of_an_environment_are_those_of_defaults_hcl() -> None:
    """docs/settings.md has exactly the names that an env.hcl, and a sampling rule in it, may set."""
    rule = hcl_names("sampling_rule") | {"priority", "reservoir_size", "fixed_rate"}
    assert settings_documented("An environment") == hcl_names("settings") | rule


def test_check_ids_of_verify_are_documented() -> None:
    """docs/verify.md has a section for each form of check id that verify makes, and for no other."""
    prefix = re.compile(r"(?:honeycomb|iam|loaded|logs|probe|ssm|xray)\.[a-z.-]*|daemon|collector")
    found: set[str] = set()
    for path in sources("scripts/verify"):
        tree = parsed(path)
        parts = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and prefix.fullmatch(node.value)
            ):
                found.add(f"{node.value}<name>" if id(node) in parts else node.value)
        if path.stem == "surroundings":
            found |= _surroundings(tree)
    headings = re.findall(r"^## `(.+)`$", (DOCS / "verify.md").read_text(), re.MULTILINE)
    assert set(headings) == found
    assert len(found) >= 8


def _surroundings(tree: ast.Module) -> set[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_IDS":
            return set(ast.literal_eval(node.value))
    raise AssertionError("scripts/verify/surroundings.py has no _IDS")


def test_operations_of_the_local_cloud_are_documented() -> None:
    """docs/local-cloud.md lists what X-Ray answers there, and what it doesn't, as code and API have it."""
    tree = parsed(ROOT / "localcloud" / "aws" / "xray" / "responses.py")
    methods = {
        member.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "XRayResponse"
        for member in node.body
        if isinstance(member, ast.FunctionDef)
    }
    operations = set(Loader().load_service_model("xray", "service-2")["operations"])
    there = {name for name in operations if re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() in methods}
    text = (DOCS / "local-cloud.md").read_text().split("### X-Ray operations\n")[1]
    answered, missing = (set(re.findall(r"[A-Z]\w+", part)) & operations for part in text.split("\n\n")[:2])
    assert answered == there
    assert missing == operations - there


def test_the_readme_begins_with_its_two_commands() -> None:
    """The first shell block is the demo, then the tests."""
    first = shell_blocks((ROOT / "README.md").read_text())[0]
    assert commands(first) == [["make", "demo"], ["make", "test"]]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_shell_blocks_can_be_typed(document: Path) -> None:
    """Every shell block parses, and each make command in it has a target and variables that it takes."""
    for block in shell_blocks(document.read_text()):
        for words in commands(block):
            if words and words[0] == "make":
                _check_make(words[1], words[2:])


def test_every_make_command_in_words_has_a_target() -> None:
    """Remedies in messages, and documents, name no target that isn't there."""
    code = sources("backend-flask", "scripts", "tools", "localcloud", "bench")
    named = {
        (str(path.relative_to(ROOT)), target)
        for path in (*documents(), *code)
        for target in re.findall(r"`make ([a-z][a-z-]*)[ `]", path.read_text())
    }
    assert {(path, target) for path, target in named if target not in {*makefile(), "help"}} == set()


def _check_make(target: str, assignments: list[str]) -> None:
    assert target in makefile(), f"there is no target {target}"
    for assignment in assignments:
        name = assignment.partition("=")[0]
        assert name in make_variables(target), f"make {target} takes no {name}"


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    """Each relative link names a file of the repository, and a heading that is in it."""
    for link in re.findall(r"\]\(([^)\s]+)\)", _without_code(document.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        assert not anchor or anchor in anchors(target), f"{link}: there is no such heading"


def test_lines_are_short() -> None:
    """README and docs have no line over 110 characters: they are read in terminals too."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LINE_MAX_CHARACTERS
    ]
    assert long == []
