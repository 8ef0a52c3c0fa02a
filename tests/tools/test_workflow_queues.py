"""Which jobs of the workflows wait for which: by environment, and prod for dev."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

WORKFLOWS = Path(__file__).resolve().parents[2] / ".github" / "workflows"


@pytest.mark.parametrize(
    ("file", "prefixes"),
    [
        ("apply.yml", {"dev": "apply", "deploy-dev": "deploy", "prod": "apply", "deploy-prod": "deploy"}),
        ("deploy.yml", {"dev": "deploy", "prod": "deploy"}),
        ("verify.yml", {"dev": "verify", "prod": "verify"}),
    ],
)
def test_an_environment_that_waits_keeps_no_other_from_its_turn(file: str, prefixes: dict[str, str]) -> None:
    """Prod waits for somebody to approve; dev's next run has a group of its own."""
    read = yaml.safe_load((WORKFLOWS / file).read_text())
    assert "concurrency" not in read
    assert {name: job["concurrency"] for name, job in read["jobs"].items()} == {
        name: {"group": f"{prefix}-{name.removeprefix('deploy-')}", "cancel-in-progress": False}
        for name, prefix in prefixes.items()
    }


def test_what_is_deployed_is_verified_in_the_environments_queue() -> None:
    """One issue on drift: the night's run and that after a deployment wait for each other."""
    read = yaml.safe_load((WORKFLOWS / "deploy-environment.yml").read_text())
    verify = read["jobs"]["verify"]
    assert verify["needs"] == "deploy"
    assert verify["concurrency"] == {
        "group": "verify-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }


def test_prod_goes_after_dev_and_not_where_dev_failed() -> None:
    """A job's own condition takes the place of GitHub's: it has to ask for what came before."""
    jobs = yaml.safe_load((WORKFLOWS / "apply.yml").read_text())["jobs"]
    assert (jobs["prod"]["needs"], jobs["deploy-prod"]["needs"]) == (["dev", "deploy-dev"], "prod")
    for name, before in (("prod", "dev"), ("deploy-prod", "prod")):
        condition = jobs[name]["if"]
        assert condition.startswith("!cancelled() && !failure() ")
        assert f"&& needs.{before}.result == 'success' " in condition


def test_prod_does_not_go_on_where_devs_deployment_was_cancelled() -> None:
    """To failure() a cancelled job is none; one that is skipped is not set up, and keeps nobody waiting."""
    condition = yaml.safe_load((WORKFLOWS / "apply.yml").read_text())["jobs"]["prod"]["if"]
    assert '&& contains(fromJSON(\'["success", "skipped"]\'), needs.deploy-dev.result) ' in condition
