"""The two mistakes that people made first, with the commands as they are typed: Terraform applies both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.planted.ids import HOME
from tests.faults.world import NAME, read

if TYPE_CHECKING:
    import subprocess

    from tests.faults.hand import Hand
    from tests.faults.world import Report, World

FLASH = NAME.replace("flask", "flash")


def _report(finished: subprocess.CompletedProcess[str]) -> Report:
    return read(finished.returncode, finished.stdout, finished.stderr)


def test_check_says_so_apply_does_not_and_verify_does(hand: Hand, world: World) -> None:
    """check fails, apply is content, verify fails; once env.hcl is right and applied, both pass."""
    run, file = world.checkout.run, world.config / "local" / "env.hcl"
    right = file.read_text()
    hand.asks(
        filter_expression=f'service("{FLASH}")', sampling_rules={"service": {"service_name": "Cruddur"}}
    )
    try:
        before = _report(run("check", "--format", "json"))
        applied = run("apply", "--unit", "xray")
        found = _report(run("verify", "--format", "json"))
        table = run("verify").stdout
    finally:
        file.write_text(right)
        mended = run("apply", "--unit", "xray")
    after = _report(run("verify", "--format", "json"))

    assert before.code == 1
    assert set(before.not_passed) == {"xray.group.effect", "xray.rule.service", "xray.rule.default"}
    assert (applied.returncode, mended.returncode) == (0, 0), applied.stderr + mended.stderr
    assert found.code == 1
    effect, home = found.checks["xray.group.effect"], found.checks[HOME]
    assert f'nothing meets service("{FLASH}")' in effect["actual"]
    assert f"{FLASH} is probably {NAME}" in effect["remedy"]
    assert home["actual"] == "Default: 1 a second, then 5 %"
    assert f"is for service Cruddur, the backend reports as {NAME}" in home["remedy"]
    assert all(word in table for word in (FLASH, "Cruddur", "15 failed"))
    assert (after.code, after.not_passed) == (0, [])
