"""Compose files, GitHub's and the development container by their schemas, with the real check-jsonschema."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tools import checkov, checks, compose_check, static_checks

ROOT = Path(__file__).resolve().parents[2]
# Where check-jsonschema isn't there yet, it is installed first.
pytestmark = pytest.mark.timeout(1800)
CHECKED = {
    "compose files": ["docker-compose.yml", "docker-compose.local.yml"],
    "workflows' schema": [".github/workflows/deploy.yml"],
    "actions' schema": [".github/actions/tools/action.yml"],
    "development container": [".devcontainer/devcontainer.json"],
}
PLANTED = [
    ("docker-compose.yml", "read_only: true", "read_onyl: true", "'read_onyl' was unexpected"),
    ("docker-compose.yml", "cap_drop: [ALL]", "cap_drop: ALL", "cap_drop: 'ALL' is not of type 'array'"),
    ("docker-compose.yml", "services:", "networks:\nservices:\nservices:", 'found duplicate key "services"'),
    ("docker-compose.yml", "services:", "services: [", "docker-compose.yml: while parsing"),
    ("docker-compose.local.yml", "ports: !reset []", "prots: []", "'prots' was unexpected"),
    (".github/workflows/deploy.yml", "    concurrency:", "    concurency:", "$.jobs.dev: "),
    (".github/actions/tools/action.yml", "using: composite", "using: bash", "action.yml"),
    (".devcontainer/devcontainer.json", '"forwardPorts"', '"forwardPort"', "'forwardPort' was unexpected"),
    (".devcontainer/devcontainer.json", "[4567]", '["4567"]', "'4567' is not of type 'integer'"),
    (".devcontainer/devcontainer.json", '"developer"', '"root"', "remoteUser"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the files that are looked at."""
    root = tmp_path / "copy"
    shutil.copytree(ROOT / ".github", root / ".github")
    shutil.copytree(ROOT / ".devcontainer", root / ".devcontainer")
    for path in ROOT.glob("docker-compose*.yml"):
        shutil.copy(path, root)
    return root


def _run(root: Path) -> dict[str, bool]:
    program = checkov.ensure()["check-jsonschema"]
    return {check.name: checks.run(check) for check in static_checks.schemas(program, root)}


def test_the_repositorys_own_pass(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All four kinds, each looked at by a check of its own; a copy passes as they do."""
    for root in (ROOT, copy):
        assert _run(root) == dict.fromkeys(CHECKED, True), capsys.readouterr().out
    assert all((copy / name).is_file() for names in CHECKED.values() for name in names)


@pytest.mark.parametrize(("name", "right", "wrong", "said"), PLANTED)
def test_a_planted_mistake_is_found(
    name: str, right: str, wrong: str, said: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the check that is for the file and by no other; what is wrong stands beside the file's name."""
    path = copy / name
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    [due] = [check for check, names in CHECKED.items() if name in names]
    assert _run(copy) == {check: check != due for check in CHECKED}
    out = capsys.readouterr().out
    assert path.name in out
    assert said in out
    assert "Traceback" not in out


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text("ab!: #", max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_without_composes_tags_nothing_is_changed(document: object) -> None:
    """A document that has none is read as before."""
    assert yaml.safe_load(compose_check.without_tags(yaml.safe_dump(document))) == document


def test_what_a_tag_takes_away_is_left_out() -> None:
    """A reset entry goes with its name, one that is replaced keeps its value, wherever they stand."""
    text = "a: {b: !reset [], c: !override [1], d: !override {e: !reset null, f: 2}}\ng: [{h: !reset 1}]\n"
    assert yaml.safe_load(compose_check.without_tags(text)) == {"a": {"c": [1], "d": {"f": 2}}, "g": [{}]}
