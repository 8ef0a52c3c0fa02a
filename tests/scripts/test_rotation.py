"""What a rotation does when the write goes well, when it fails half way, and when nothing was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from scripts import rotation
from scripts.errors import InterruptedRunError, OperatorError
from scripts.key_version import Versions
from scripts.output import Output
from scripts.terragrunt.units import KEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scripts.session import Session

INTERRUPTED = InterruptedRunError("apply was interrupted", remedy="run it again")
FAILED = OperatorError("apply failed", remedy="see above")


class Account:
    """SSM and the state as a write sees them; *writes*: arrives, half, refused or interrupted, in turn."""

    def __init__(self, file: Path, writes: list[str]) -> None:
        self.file, self.writes = file, writes
        self.ssm, self.state = 3, 7

    def apply(self, _session: Session, _key: str) -> str:
        """Write as Terraform would: the state takes the new number even where SSM refuses the value."""
        number, outcome = rotation.read_number(self.file), self.writes.pop(0)
        if outcome == "refused":
            raise FAILED
        if outcome == "interrupted":
            self.state = number
            raise INTERRUPTED
        if number != self.state:
            self.state = number
            if outcome == "half":
                raise FAILED
            self.ssm += 1
        return "1 changed"

    def look(self, _session: Session, _unit: object) -> Versions:
        """Return both versions as they are."""
        return Versions(self.ssm, self.state)


def _rotate(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    writes: list[str],
    redeploy: Callable[[], str] = str,
) -> tuple[Account, str]:
    class Stand:
        output = Output()
        units = {KEY_UNIT: None}  # noqa: RUF012 - never changed

    file = tmp_path / "terragrunt.hcl"
    file.write_text("inputs = {\n  key_version = 7 # why\n}\n")
    account = Account(file, writes)
    monkeypatch.setattr(rotation, "unit_file", lambda _session: file)
    monkeypatch.setattr(rotation, "_rendered", lambda session: session)
    monkeypatch.setattr("scripts.applying.apply", account.apply)
    monkeypatch.setattr("scripts.key_version.look", account.look)
    try:
        return account, rotation.rotate(rotation.Prepared(cast("Session", Stand()), "key", redeploy))
    except OperatorError as error:
        return account, str(error)


def test_one_write_that_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number rises by one, and what SSM says is told."""
    account, said = _rotate(tmp_path, monkeypatch, ["arrives"])
    assert (account.ssm, rotation.read_number(account.file)) == (4, 8)
    assert "version 4" in said
    assert "# why" in account.file.read_text()


def test_what_takes_the_key_up_is_told_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where that fails: SSM has the key all the same, and the number is to be committed."""
    _, said = _rotate(tmp_path, monkeypatch, ["arrives"], lambda: "; backend:4 runs with it")
    assert said.endswith("which now says 8; backend:4 runs with it")

    def redeploy() -> str:
        raise FAILED

    _, said = _rotate(tmp_path, monkeypatch, ["arrives"], redeploy)
    assert "SSM has it as version 4; commit " in said
    assert said.endswith("which now says 8; but apply failed: see above")


def test_a_write_that_fails_half_way_is_repeated_under_one_more_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state holds the first number already, and would never write under it again."""
    account, said = _rotate(tmp_path, monkeypatch, ["half", "arrives"])
    assert (account.ssm, account.state, rotation.read_number(account.file)) == (4, 9, 9)
    assert "version 4" in said


def test_after_two_failures_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No third try, and the number that the state holds stays committed."""
    account, said = _rotate(tmp_path, monkeypatch, ["half", "half"])
    assert (account.ssm, rotation.read_number(account.file)) == (3, account.state)
    assert said == str(FAILED)


def test_where_nothing_was_written_the_file_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal before the write leaves no trace in the checkout."""
    account, said = _rotate(tmp_path, monkeypatch, ["refused"])
    assert rotation.read_number(account.file) == 7
    assert said == str(FAILED)


def test_an_interrupted_write_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C does not want another try."""
    account, said = _rotate(tmp_path, monkeypatch, ["interrupted", "arrives"])
    assert account.writes == ["arrives"]
    assert said == str(INTERRUPTED)
