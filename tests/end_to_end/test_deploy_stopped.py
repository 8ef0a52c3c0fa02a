"""Deployments that are stopped, and what the next one makes of what is left: killed, cut off, denied.

The real Terraform on one local cloud. A second checkout with the first one's addresses is a second machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import pytest

from scripts.terragrunt import provider_process
from tests.end_to_end.checkout import Checkout
from tests.end_to_end.deployment import CLUSTER, HELD, NAME, ONLY, REPOSITORY, Place, cloned, free_port
from tests.end_to_end.forwarder import Forwarder
from tests.end_to_end.processes import kill_all, rest, until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(1800)
PUSHED = "its manifest is in the registry"
WRITTEN = "/deploy/image: "
APPLYING = "aws_ecs_service.this[0]: Modifying"
WAITING = "waiting for "


@dataclass(frozen=True)
class First:
    """The first deployments to an empty local cloud, and what they printed: two that fail, one that doesn't.

    The first one that fails is waited for to its end; the second one, of the same image, is left before.
    """

    place: Place
    failed: subprocess.CompletedProcess[str]
    parameter: str
    plan: str
    """Of unit alarms, after the first one."""
    deployed: str


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    """A checkout whose backend was deployed at the third try."""
    with cloned(tmp_path_factory.mktemp("stopped") / "checkout") as place:
        place.succeed("local-up")
        place.make_unhealthy(f"{REPOSITORY}:{place.content_tag()}")
        failed = place.run("deploy", "--port", str(place.port))
        parameter, plan = place.parameter(), place.succeed("plan", "--unit", "alarms")
        running = place.start(ONLY)
        until(running, WAITING)
        os.killpg(running.pid, signal.SIGINT)
        rest(running)
        place.wait_until_given_up()
        place.make_unhealthy()
        yield First(place, failed, parameter, plan, place.deploy())


@pytest.fixture(scope="module")
def place(first: First) -> Place:
    """A checkout with the backend deployed on its local cloud."""
    return first.place


@pytest.fixture(scope="module")
def elsewhere(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Another checkout on the same cloud, with no lock in common but those in S3."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("elsewhere") / "checkout")
    folder = checkout.root / ".local"
    folder.mkdir()
    for name in ("env", "honeycomb-key"):
        shutil.copy(place.checkout.root / ".local" / name, folder / name)
    found = Place(checkout, free_port())
    try:
        yield found
    finally:
        found.end()


def _require_whole(place: Place, image: str) -> None:
    assert (place.parameter(), place.serving()) == (image, image)
    assert place.locks() == []


def test_a_first_deployment_that_fails_leaves_no_service(first: First) -> None:
    """Nor alarms on it, which would ring. The one that failed unwatched is tried anew by the next."""
    lines = first.failed.stdout.splitlines()
    assert first.failed.returncode == 1, lines
    assert "did not become steady: Task failed container health checks" in lines[-1]
    assert "nothing serves, image parameter and state say so again" in lines[-1]
    assert first.parameter == "none"
    assert "No changes." in first.plan
    assert "has failed before: its tasks are started anew" in first.deployed
    _require_whole(first.place, first.place.parameter())


def test_killed_in_each_phase_it_is_simply_run_again(place: Place) -> None:
    """One after the other is killed, each a phase later; the last brings what the first one was to bring.

    No lock needs a hand, and the provider that a killed one leaves is ended, with what passes calls on to it.
    """
    before = place.parameter()
    place.change()
    with place.kept_rolling():
        for mark in (PUSHED, WRITTEN, APPLYING, WAITING):
            running = place.start(ONLY)
            until(running, mark)
            providers = [
                process
                for passing in psutil.Process(running.pid).children()
                if provider_process.__name__ in passing.cmdline()
                for process in (passing, *passing.children())
            ]
            assert ["-debug" in process.cmdline() for process in providers] == [False, True]
            running.kill()
            rest(running)
    assert "was killed on this machine" in place.deploy(ONLY)
    for one in providers:
        assert not one.is_running() or one.status() == psutil.STATUS_ZOMBIE
    assert place.parameter() != before
    _require_whole(place, place.parameter())


def test_killed_with_terraform_the_message_frees_the_lock(place: Place) -> None:
    """A state's lock is left then: the next one says by which command it goes, which then is all it takes."""
    place.change()
    with place.held_apply():
        running = place.start(ONLY)
        until(running, HELD)
        kill_all(running)
    assert place.locks() != []
    finished = place.run("deploy", "--port", str(place.port))
    assert finished.returncode == 2
    [line] = finished.stderr.strip().splitlines()
    assert "another run works on local: the state of service by " in line
    found = re.search(r"`(make unlock ENV=local LOCK=[0-9a-f-]+)`", line)
    assert found is not None, line
    assert "is free" in place.make(*found[1].split()[1:])
    place.deploy(ONLY)
    _require_whole(place, place.parameter())


def test_of_two_machines_one_goes_on(place: Place, elsewhere: Place) -> None:
    """The other one stops with one line that names the holder, even while no state is locked.

    Then the local cloud answers nobody for a while, which is waited out.
    """
    place.change()
    cloud = int(json.loads((place.checkout.root / ".local" / "localcloud.json").read_text())["pid"])
    with place.kept_rolling():
        running = place.start(ONLY)
        until(running, WAITING)
        os.kill(running.pid, signal.SIGSTOP)
    try:
        before = place.parameter()
        other = elsewhere.run("deploy", "--port", str(elsewhere.port), "--image", before)
        os.kill(cloud, signal.SIGSTOP)
    finally:
        os.kill(running.pid, signal.SIGCONT)
    try:
        until(running, "can't be reached")
    finally:
        os.kill(cloud, signal.SIGCONT)
    assert other.returncode == 2
    [line] = other.stderr.strip().splitlines()
    assert "another deployment to local is under way: deploy by " in line
    assert re.search(r"`make unlock ENV=local LOCK=[0-9a-f-]+`", line)
    rest(running)
    assert running.returncode == 0
    _require_whole(place, before)


def test_stopped_in_the_middle_of_the_apply_it_ends_with_one_line(place: Place, elsewhere: Place) -> None:
    """A connection that is lost for good, then credentials that expire, both on another machine.

    Neither can give its locks back; they are freed by the command that is named, and the next one goes on.
    """
    target = int(place.checkout.addresses()["AWS_ENDPOINT_URL"].rpartition(":")[2])
    file = elsewhere.checkout.root / ".local" / "env"
    text = file.read_text()
    elsewhere.change()
    for stop, why in (
        (Forwarder.cut, "connection refused"),
        (Forwarder.expire, "sign in again, or export fresh AWS credentials"),
    ):
        elsewhere.change()
        with Forwarder(target) as forwarder:
            file.write_text(text.replace(f":{target}\n", f":{forwarder.port}\n"))
            with elsewhere.held_apply():
                running = elsewhere.start(ONLY)
                until(running, HELD)
                stop(forwarder)
            lines = rest(running)
        file.write_text(text)
        assert running.returncode == 2, lines
        assert not any("Traceback" in line for line in lines)
        [said] = [line for line in lines if line.startswith("deploy: ")]
        assert re.search(why, said)
        assert "`make deploy ENV=local ONLY=deployment IMAGE=" in said
        assert place.free_states() > 0
    elsewhere.deploy(ONLY)
    _require_whole(place, place.parameter())


def test_an_interrupt_leaves_nothing_locked(place: Place) -> None:
    """Ctrl-C while it rolls out: one line says that this goes on, and with which command it is waited for."""
    place.change()
    with place.kept_rolling():
        running = place.start(ONLY)
        until(running, WAITING)
        os.killpg(running.pid, signal.SIGINT)
    [said] = [line for line in rest(running) if line.startswith("deploy: ")]
    assert running.returncode == 2
    assert "interrupted while the service rolls out, which goes on by itself" in said
    assert place.locks() == []
    found = re.search(r"`make deploy ENV=local ONLY=deployment IMAGE=(\S+)` again", said)
    assert found is not None, said
    place.deploy(ONLY, "--image", found[1])
    _require_whole(place, found[1])


def test_a_desired_count_of_none_is_told(place: Place) -> None:
    """It is steady, and nothing serves: said with the command that has it serve, and the exit code is 1."""
    ecs = place.client("ecs")
    ecs.update_service(cluster=CLUSTER, service=NAME, desiredCount=0)
    finished = place.run("deploy", "--port", str(place.port), ONLY)
    assert finished.returncode == 1, finished.stderr
    last = finished.stdout.splitlines()[-1]
    assert "is deployed and nothing serves, for the service's desired count is 0" in last
    found = re.search(r"`aws ecs update-service --cluster (\S+) --service (\S+) --desired-count 1`", last)
    assert found is not None, last
    assert found.groups() == (CLUSTER, NAME)
    assert not (place.checkout.root / ".local" / "deployed.json").exists()
    ecs.update_service(cluster=CLUSTER, service=NAME, desiredCount=2)


def test_a_service_that_is_deleted_meanwhile_is_told(place: Place) -> None:
    """The wait ends with the command that makes it again, and this does."""
    place.change()
    with place.kept_rolling():
        running = place.start(ONLY)
        until(running, WAITING)
        place.client("ecs").delete_service(cluster=CLUSTER, service=NAME, force=True)
    lines = rest(running)
    assert running.returncode == 1, lines
    [said] = [line for line in lines if "did not become steady" in line]
    assert "the service was removed meanwhile; nothing serves" in said
    found = re.search(r"`make deploy ENV=local ONLY=deployment IMAGE=(\S+)` makes it again", said)
    assert found is not None, said
    place.deploy(ONLY, "--image", found[1])
    _require_whole(place, found[1])


def test_another_account_is_refused(place: Place) -> None:
    """Its configuration names another account than the credentials are of: nothing is changed."""
    file = place.checkout.root / "terraform" / "backend-app" / "config" / "local" / "env.hcl"
    text, before = file.read_text(), place.parameter()
    file.write_text(text.replace('"123456789012"', '"111122223333"'))
    try:
        finished = place.run("deploy", "--port", str(place.port))
    finally:
        file.write_text(text)
    assert finished.returncode == 2
    [line] = finished.stderr.strip().splitlines()
    assert "111122223333" in line
    assert place.parameter() == before


def test_without_the_other_units_a_deployment_alone_says_which_is_missing(place: Place) -> None:
    """A unit that was destroyed is named; nothing is applied."""
    place.succeed("destroy", "--unit", "logs")
    finished = place.run("deploy", "--port", str(place.port), ONLY)
    assert finished.returncode == 2
    [line] = finished.stderr.strip().splitlines()
    assert "applies registry, service and alarms alone, and logs was not applied to local" in line
    assert "`make apply ENV=local UNIT=logs`" in line
    place.succeed("apply", "--unit", "logs")


def test_a_plan_shows_no_change_after_all_of_it(place: Place) -> None:
    """Whatever was stopped where: the states say what is there."""
    place.deploy()
    place.require_no_change()
    assert place.service()["serviceName"] == NAME
