"""Units whose neighbours are missing: an apply is refused by one line, a destroy goes on, in any order."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.checkout import Checkout
from tests.end_to_end.deployment import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(1800)
COMMAND_TIMEOUT_SECONDS = 900
BUCKET = "cruddur-local-terraform-state-123456789012"


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout with a local cloud of its own; this test takes units away that others need."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("order") / "checkout")
    checkout.succeed("local-up")
    try:
        yield checkout
    finally:
        checkout.succeed("local-down")


def refused(place: Checkout, verb: str, unit: str) -> str:
    """Run *verb* on *unit*, which has to end with 2; return the line that says why, the first on stderr."""
    finished = place.run(verb, "--unit", unit, timeout=COMMAND_TIMEOUT_SECONDS)
    text = finished.stdout + finished.stderr
    assert finished.returncode == 2, text
    assert "Traceback" not in text
    told = [line for line in finished.stderr.splitlines() if line.startswith(f"{verb}: {verb} failed")]
    assert len(told) == 1, finished.stderr
    return told[0]


def done(place: Checkout, verb: str, unit: str) -> str:
    """Run *verb* on *unit*, which has to succeed; return what it printed."""
    finished = place.run(verb, "--unit", unit, timeout=COMMAND_TIMEOUT_SECONDS)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


def taken_away(place: Checkout, unit: str) -> None:
    """Destroy *unit* by plain Terragrunt, which looks at nobody who stands on it."""
    finished = subprocess.run(
        ["terragrunt", "run", "--non-interactive", "--", "destroy", "-auto-approve", "-no-color"],
        cwd=place.root / "terraform" / "backend-app" / "config" / "local" / unit,
        env={"HOME": os.environ.get("HOME", "/")} | place.addresses(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_TIMEOUT_SECONDS,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def resources(place: Checkout, unit: str) -> list[str]:
    """Return what the unit's state holds, data aside."""
    key = f"backend-flask/{unit}/terraform.tfstate"
    answer = Place(place, port=0).client("s3").get_object(Bucket=BUCKET, Key=key)
    return sorted(
        f"{one['type']}.{one['name']}"
        for one in json.loads(answer["Body"].read())["resources"]
        if one["mode"] == "managed"
    )


def test_units_are_applied_in_order_and_destroyed_in_any(place: Checkout) -> None:
    """No apply runs on mock outputs: the unit that is missing is named. A destroy needs none of them."""
    done(place, "apply", "logs")
    line = refused(place, "apply", "alarms")
    assert "failed in alarms: it needs what unit service makes, and that is not applied" in line
    assert "run `make apply ENV=local UNIT=service`, then this again" in line
    done(place, "apply", "registry")
    assert "failed in service: it needs what unit network makes" in refused(place, "apply", "service")
    done(place, "apply", "network")
    done(place, "apply", "service")
    done(place, "apply", "alarms")  # before the first deploy the service's name is null, and no output
    before = resources(place, "service")

    taken_away(place, "registry")
    assert "failed in service: it needs what unit registry makes" in refused(place, "apply", "service")
    done(place, "apply", "registry")

    taken_away(place, "network")
    assert "failed in service: it needs what unit network makes" in refused(place, "apply", "service")
    line = refused(place, "plan", "service")  # on mocks: the load balancer would be replaced
    assert "vpc_id is vpc-00000000, and the service was made in vpc-" in line
    assert "apply unit network where that is missing" in line
    assert resources(place, "service") == before

    done(place, "destroy", "service")
    assert resources(place, "service") == []
    assert "failed in alarms: it needs what unit service makes" in refused(place, "apply", "alarms")
    done(place, "destroy", "all")  # alarms, registry and logs: what an interrupted destroy may leave
    assert [resources(place, unit) for unit in ("alarms", "registry", "logs")] == [[], [], []]
    assert "nothing to destroy, no unit has resources" in done(place, "destroy", "all")
