"""What a real account confirmed is a file; what none has, stands in the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import paths
from scripts.conform import recordings, unverified
from scripts.conform.allowed import Owned
from scripts.conform.cases import all_cases
from scripts.conform.recording import Recording
from scripts.conform.redaction import Redactor
from scripts.conform.runner import Result

if TYPE_CHECKING:
    from pathlib import Path


def _result(status: str, *, refuted: bool = False, said: str = "service") -> Result:
    recording = Recording(Redactor({}), Owned("0a1b2c3d"))
    recording.add("xray:GetGroups", {"said": said}, 200, {"Groups": []})
    return Result(all_cases()[0], status, "", recording, refuted)


def test_a_case_that_holds_is_confirmed_until_the_service_says_the_opposite(tmp_path: Path) -> None:
    """Whatever else happens, an outage too, a recording stays."""
    case = all_cases()[0]
    assert recordings.keep(_result("holds"), folder=tmp_path)
    for status in ("skipped", "capped", "unasked", "differs"):
        assert not recordings.keep(_result(status), folder=tmp_path)
        assert case not in recordings.unconfirmed(all_cases(), tmp_path)
    recordings.keep(_result("differs", refuted=True), folder=tmp_path)
    assert case in recordings.unconfirmed(all_cases(), tmp_path)


def test_a_recording_that_still_tells_whose_it_is_is_not_written(tmp_path: Path) -> None:
    """A name that the redactor does not find, since it is written in another way: told, and no file."""
    with pytest.raises(recordings.UnsafeError, match="a name of the account's own"):
        recordings.keep(_result("holds", said="acme-corp"), ["acme-corp"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_documents_list_what_no_real_account_has_confirmed() -> None:
    """docs/local-cloud.md has each such case, and no other; no recording is of a case that is gone."""
    text = (paths.ROOT / "docs" / "local-cloud.md").read_text()
    section = text.split("\n## Not confirmed by a real account\n")[1].split("\n## ")[0]
    assert recordings.listed(section) == {case.id for case in recordings.unconfirmed(all_cases())}
    kept = {file.stem for file in recordings.FOLDER.glob("*.json")}
    assert kept <= {case.id for case in all_cases()}


def test_no_two_cases_have_the_same_id() -> None:
    """A recording's name is the case's."""
    ids = [case.id for case in all_cases()]
    assert len(ids) == len(set(ids))


def test_each_open_question_is_asked_or_has_a_reason_not_to_be() -> None:
    """A case settles it, or the documents say why none can; no case settles what nobody asked."""
    settled = {question for case in all_cases() for question in case.settles}
    assert settled | set(unverified.NOT_ASKED) == set(unverified.QUESTIONS)
    assert settled & set(unverified.NOT_ASKED) == set()
    text = (paths.ROOT / "docs" / "commands" / "conform.md").read_text()
    assert unverified.listing() in text
