"""The files that adopt writes: whose they are, and that nobody's work is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.adopt import files
from scripts.adopt.files import Draft
from scripts.adopt.things import RULE, Address, Thing
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = files.settings_text({"logs_retention_days": 7})


def test_import_blocks() -> None:
    """One for each thing, its address and id as literals."""
    rule = Thing(RULE, "xray", 'a"b', Address("aws_xray_sampling_rule", "this", 'a"b'), import_id='a"b')
    text = files.imports_text([rule, rule])
    block = 'import {\n  to = aws_xray_sampling_rule.this["a\\"b"]\n  id = "a\\"b"\n}\n'
    assert text.endswith(f"\n\n{block}\n{block}")
    assert files.is_as_written(text)


def test_a_file_of_ours_is_overwritten_and_removed(tmp_path: Path) -> None:
    """As long as nobody has changed it; what is as it should be is left alone."""
    path = tmp_path / "adopted.hcl"
    assert files.pending([Draft(path, None)]) == []
    draft = Draft(path, TEXT)
    assert files.pending([draft]) == [draft]
    with files.written([draft]):
        assert path.read_text() == TEXT
    assert files.pending([draft]) == []
    other = files.settings_text({"logs_retention_days": 14})
    with files.written(files.pending([Draft(path, other)])):
        pass
    assert path.read_text() == other
    with files.written(files.pending([Draft(path, None)])):
        pass
    assert not path.exists()


@pytest.mark.parametrize(
    "there", [TEXT.replace("7", "30"), f"{TEXT}# mine\n", "", "import {}\n", "# sha256 abc\n"]
)
def test_what_a_person_wrote_or_changed_is_neither_overwritten_nor_removed(
    tmp_path: Path, there: str
) -> None:
    """The file is named; it stays as it is."""
    path = tmp_path / "imports.tf"
    path.write_text(there)
    for text in (TEXT, None):
        with pytest.raises(OperatorError, match=r"imports\.tf is not, or no longer, as adopt wrote it"):
            files.pending([Draft(path, text)])
    assert path.read_text() == there
    assert not files.is_written_by_adopt(path)


def test_what_is_no_text_is_not_ours(tmp_path: Path) -> None:
    """Bytes of another encoding are somebody's all the same."""
    path = tmp_path / "adopted.hcl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(OperatorError, match=r"move its settings to env\.hcl"):
        files.pending([Draft(path, TEXT)])
    assert path.read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize("error", [OperatorError("no", remedy="none"), KeyboardInterrupt()])
def test_where_the_work_fails_every_file_is_as_before(tmp_path: Path, error: BaseException) -> None:
    """New ones are gone, old ones back, whatever ended it."""
    new, old, gone = tmp_path / "new.tf", tmp_path / "old.tf", tmp_path / "gone.tf"
    old.write_text("old")
    gone.write_text("gone")
    drafts = [Draft(new, TEXT), Draft(old, TEXT), Draft(gone, None)]

    def work() -> None:
        with files.written(drafts):
            assert not gone.exists()
            raise error

    with pytest.raises(type(error)):
        work()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "old.tf": "old",
        "gone.tf": "gone",
    }
