"""Files that are plans, and files that are none: each refused in one line that says what it is."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.check import plan_file, plans
from scripts.check.planned import left_by
from scripts.check.subject import Subject
from scripts.errors import OperatorError
from tests.scripts.check.subjects import DATA, document

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = sorted(path.stem for path in DATA.glob("*.json"))


def _refused(path: Path) -> str:
    with pytest.raises(OperatorError) as caught:
        plan_file.read_all(str(path))
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 400
    assert caught.value.remedy
    return text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"Terraform will perform the following actions:\n", "is no JSON"),
        (b'{"@level":"info"}\n{"@level":"info"}\n', "is no JSON"),
        (b"PK\x03\x04\x14\x00", "is the plan itself, not its JSON"),
        (b"\xff\xfe\x00\x01" * 9, "isn't text in UTF-8"),
        (b"\x00" * 64, "is no JSON"),
        (b"[" * 200_000, "is nested too deep"),
        (b'{"a":' * 200_000, "is nested too deep"),
        (b"[]", "has no format_version"),
        (b'"text"', "has no format_version"),
        (b"{}", "has no format_version"),
        (b'{"format_version": NaN}', "NaN is no JSON"),
        (b'{"format_version": "2.0"}', "has format_version '2.0', expected 1.x"),
        (b'{"format_version": "0.1"}', "has format_version '0.1', expected 1.x"),
        (b'{"format_version": 1.2}', "has format_version '1.2', expected 1.x"),
        (b'{"format_version": "1.0", "values": {}}', "is a state, no plan"),
        (b'{"format_version": "1.2", "errored": true}', "failed half-way"),
        (b'{"format_version": "1.2"}', "is no whole plan: it has no planned_values, configuration"),
        (b'{"format_version": "1.2", "planned_values": [], "configuration": {}}', "planned_values is list"),
    ],
)
def test_what_is_no_plan(tmp_path: Path, content: bytes, why: str) -> None:
    """Not JSON, of another version, binary, a state, or without a part: one line, with the remedy."""
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    text = _refused(file)
    assert why in text
    assert "plan.json" in text


@pytest.mark.parametrize("part", ["planned_values", "configuration", "resource_changes"])
def test_a_part_that_is_missing(tmp_path: Path, part: str) -> None:
    """Is named: what isn't there must not pass as nothing wrong."""
    whole = document("xray-noop")
    del whole[part]
    (tmp_path / "plan.json").write_text(json.dumps(whole))
    assert f"is no whole plan: it has no {part}" in _refused(tmp_path)


def test_a_plan_without_anything(tmp_path: Path) -> None:
    """Terraform leaves the changes out where there is nothing before or after: a plan all the same."""
    nothing = {"format_version": "1.2", "planned_values": {"root_module": {}}, "configuration": {}}
    (tmp_path / "plan.json").write_text(json.dumps(nothing))
    [plan] = plan_file.read_all(str(tmp_path))
    assert (list(plan.resources()), plan.changes()) == ([], [])


def test_a_file_too_large(tmp_path: Path) -> None:
    """More than the limit is not read into memory."""
    file = tmp_path / "plan.json"
    with file.open("wb") as target:
        target.truncate(plan_file.SIZE_MAX_BYTES + 1)
    assert "has more than 32 MiB" in _refused(file)


def test_what_is_not_there(tmp_path: Path) -> None:
    """A missing file, a folder without plans, no name, a pipe."""
    assert "No such file" in _refused(tmp_path / "none.json")
    assert "has no file *.json" in _refused(tmp_path)
    with pytest.raises(OperatorError, match="names no file"):
        plan_file.read_all("  ")
    os.mkfifo(tmp_path / "pipe")
    assert "is no file" in _refused(tmp_path / "pipe")


def test_more_files_than_anybody_has_units(tmp_path: Path) -> None:
    """A folder given by mistake is not gone through."""
    for number in range(plan_file.FILES_MAX + 1):
        (tmp_path / f"{number}.json").write_text("{}")
    assert "names 51 files, expected 50 at most" in _refused(tmp_path)


def test_several_files_and_folders(tmp_path: Path) -> None:
    """Files with blanks between them, folders with their own folders, each file once; a blank in a name."""
    below = tmp_path / "with blank" / "xray"
    below.mkdir(parents=True)
    content = (DATA / "xray-noop.json").read_text()
    (below / "tfplan.json").write_text(content)
    (below / "tfplan").write_bytes(b"PK")
    assert len(plan_file.read_all(str(tmp_path / "with blank"))) == 1
    first, second = DATA / "xray-create.json", DATA / "honeycomb-create.json"
    plans = plan_file.read_all(f"{first} {second}  {first}")
    assert [plan.name for plan in plans] == [
        f"tests/scripts/check/data/{name}.json" for name in ("xray-create", "honeycomb-create")
    ]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value within a document."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += _places(one, (*path, key))
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_a_plan_holds_it_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """A part replaced by anything: checked without an error, or refused in a line; nothing else is raised."""
    whole = document(data.draw(st.sampled_from(RECORDED)))
    *way, last = data.draw(st.sampled_from(_places(whole)))
    holder = whole
    for key in way:
        holder = holder[key]
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3))
    holder[last] = data.draw(st.one_of(odd, st.lists(odd, max_size=2), st.dictionaries(st.text(), odd)))
    (tmp_path / "plan.json").write_text(json.dumps(whole))
    try:
        given = plan_file.read_all(str(tmp_path))
    except OperatorError:
        return
    left_by(given, Subject("", "env.hcl", "backend-flask"))
    plans.results(given, may_destroy=False)


@pytest.mark.parametrize("name", RECORDED)
def test_what_terraform_printed_is_read(name: str) -> None:
    """Plans that the real program made: to create, with nothing to change, and to destroy."""
    [plan] = plan_file.read_all(str(DATA / f"{name}.json"))
    assert {change["address"] for change in plan.changes()} >= {one.address for one in plan.resources()}
    assert bool(list(plan.resources())) == (not name.endswith("destroy"))
