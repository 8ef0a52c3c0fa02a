"""`make deploy`, `make rollback` and `make destroy`, by the real Terraform on a local cloud of their own.

Each of them is also a trace, and the first two markers: what both sinks have of them is looked at here too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psutil
import pytest
import requests

from scripts import run_lock
from scripts.deploy import registry
from tests.end_to_end.deployment import BUCKET, NAME, ONLY, REPOSITORY, Place, cloned
from tests.end_to_end.left_over import resources
from tests.scripts.telemetry.traced import SERVICE, Traced, above, told

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A fresh clone, and `make deploy ENV=local` in it: nothing else has been run there."""
    with cloned(tmp_path_factory.mktemp("deployed") / "checkout") as found:
        assert not (found.checkout.root / ".local").exists()
        found.said = found.make("deploy", "ENV=local", f"PORT={found.port}")
        assert "the local cloud does not run: it is started" in found.said
        assert re.search(r"deploy local: [0-9a-f]{16} serves at \S+, 2 tasks, verified", found.said)
        yield found


@pytest.fixture(scope="module")
def traced(place: Place) -> Traced:
    """What both sinks have of the commands that were run in the checkout."""
    return Traced.in_checkout(place.checkout)


@pytest.fixture(scope="module")
def images(place: Place) -> tuple[str, str]:
    """The first image, and the one of a change that was deployed after it; a new image, a new revision."""
    first, definition = place.parameter(), place.definition()
    place.change()
    said = place.deploy(ONLY)
    second = place.parameter()
    assert second != first
    assert (place.serving(), place.process()["definition"]) == (second, place.definition())
    assert _revision(place.definition()) > _revision(definition)
    assert "1 added, 1 changed, 1 destroyed in service" in said
    assert "apply local: registry, service, alarms, account" in said
    return first, second


def test_what_is_deployed_answers_and_a_second_plan_shows_no_change(place: Place) -> None:
    """The process runs from a folder with only the image's files; ECS has the image of the checkout."""
    answer = requests.get(f"http://127.0.0.1:{place.port}/api/activities/home", timeout=10)
    assert answer.ok
    root = place.checkout.root / ".local" / "deployed"
    assert sorted(path.name for path in (root / "app").iterdir()) == ["backend-flask", "xray"]
    assert place.serving() == place.parameter()
    assert place.parameter().startswith(f"{REPOSITORY}:")
    place.require_no_change()


def test_its_traces_are_in_both_sinks(place: Place) -> None:
    """A trace that the deployed backend records is found in X-Ray and in Honeycomb, by its id."""
    code, document = place.checkout.verify(
        "--probe", "--backend", f"http://127.0.0.1:{place.port}", "--env", "local"
    )
    assert code == 0, document
    checks = {check["id"]: check["status"] for check in document["checks"]}
    assert (checks["probe.xray"], checks["probe.honeycomb"]) == ("pass", "pass")


def test_the_deployment_is_one_trace_and_one_marker(place: Place, traced: Traced) -> None:
    """All runs of Terragrunt, the steps and the changes are in it; the summary stays the last line."""
    trace_id = told(place.said)
    last = place.said.splitlines()[-1]
    assert " serves at http://127.0.0.1:" in last
    tag = last.split()[2]
    root, spans = traced.whole(trace_id)
    assert (root["name"], root["environment"], root["exit_code"]) == ("make deploy", "local", 0)
    assert root["image"] == tag
    assert {"network", "registry", "service", "alarms"} <= set(root["units"].split(", "))
    assert root["added.total"] > 50
    names = [span["name"] for span in spans.values()]
    assert names.count("terragrunt apply") == 2
    assert {"rollout", "the deployed backend starts", "verify", "unit_run"} <= set(names)
    for span in spans.values():
        if span["name"] == "run_terraform":
            names = above(spans, span)
            if "the state bucket is made" not in names:
                assert names[-3:] == ["terragrunt apply", "apply local", "make deploy"]
    [marker] = [one for one in traced.markers() if one["url"].endswith("".join(trace_id.split("-")[1:]))]
    assert (marker["type"], marker["message"]) == ("deploy", f"local: {tag}")
    assert marker["start_time"] <= marker["end_time"]


def test_deploying_again_changes_nothing(place: Place) -> None:
    """The same image, the same task definition; only the process here is a new one.

    A newer definition, as a run leaves that was cut off before its state was written, is not taken for it.
    """
    before, image = place.process(), place.parameter()
    other = {"name": "backend", "image": f"{REPOSITORY}:other", "memory": 128}
    place.client("ecs").register_task_definition(family=NAME, containerDefinitions=[other])
    said = place.deploy(ONLY)
    assert "nothing is built" in said
    after = place.process()
    assert (after["definition"], place.parameter()) == (before["definition"], image)
    assert after["pid"] != before["pid"]
    assert not psutil.pid_exists(before["pid"])
    assert place.locks() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--image", f"{REPOSITORY}:latest"), "another image tomorrow"),
        (("--image", f"{REPOSITORY}:none-such"), "there is no image"),
        (("--image", f"{REPOSITORY}-other:1"), "another repository of ECR"),
        (("--only-deployment=registry",), "ONLY is 'registry': give ONLY=deployment"),
    ],
)
def test_an_image_that_cannot_serve_changes_nothing(
    place: Place, arguments: tuple[str, str], said: str
) -> None:
    """Refused with one line, before anything is planned or written."""
    before = place.parameter()
    finished = place.run("deploy", "--port", str(place.port), *arguments)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1
    assert place.parameter() == before


def test_an_image_that_is_gone_goes_back(place: Place, images: tuple[str, str]) -> None:
    """It is there when it is looked for, and can't be pulled. Meanwhile no other deployment begins here."""
    ecr = place.client("ecr")
    ecr.put_image(repositoryName=NAME, imageManifest=registry.manifest("gone"), imageTag="gone")
    running = place.start(ONLY, "--image", f"{REPOSITORY}:gone")
    assert running.stdout is not None
    lines: list[str] = []
    with running.stdout:
        for line in running.stdout:
            if line.startswith("apply local: registry"):
                ecr.batch_delete_image(repositoryName=NAME, imageIds=[{"imageTag": "gone"}])
                other = place.run("deploy", "--port", str(place.port))
                assert other.returncode == 2
                assert f"held by {run_lock.who()} (deploy, process {running.pid})" in other.stderr
                assert len(other.stderr.strip().splitlines()) == 1
            lines.append(line)
    assert running.wait(timeout=60) == 1, lines
    place.require_gone_back(lines, "gone", "CannotPullContainerError", images[1])


def test_tasks_that_never_get_healthy_go_back(place: Place, images: tuple[str, str]) -> None:
    """They are started, stopped for that reason, and given up; what served before goes on."""
    image = f"{REPOSITORY}:sick"
    ecr = place.client("ecr")
    ecr.put_image(repositoryName=NAME, imageManifest=registry.manifest("sick"), imageTag="sick")
    place.make_unhealthy(image)
    try:
        finished = place.run("deploy", "--port", str(place.port), ONLY, "--image", image)
    finally:
        place.make_unhealthy()
    lines = (finished.stdout + finished.stderr).splitlines()
    assert finished.returncode == 1, lines
    assert any(line.endswith("failed container health checks.") for line in lines)
    place.require_gone_back(lines, "sick", "Task failed container health checks", images[1])


def test_settings_that_fail_are_named(place: Place, images: tuple[str, str]) -> None:
    """The image is the same, so that nothing is put back: what serves goes on, until they are put right."""
    image = images[1]
    settings = place.checkout.root / "terraform" / "backend-app" / "config" / "local" / "env.hcl"
    text, serving = settings.read_text(), place.definition()
    collector = f'  service_collector_image = "{REPOSITORY}@sha256:{"0" * 64}"\n'
    settings.write_text(text.replace("locals {\n", f"locals {{\n{collector}", 1))
    finished = place.run("deploy", "--port", str(place.port), ONLY, "--image", image)
    settings.write_text(text)
    lines = (finished.stdout + finished.stderr).splitlines()
    assert finished.returncode == 1, lines
    tag, failed = image.rpartition(":")[2], f"{NAME}:{_revision(serving) + 1}"
    [said] = [line for line in lines if line.startswith(f"deploy local: {tag} did not")]
    assert "CannotPullContainerError" in said
    assert f"{tag} of {serving.rpartition('/')[2]} still serves" in said
    assert f"what failed are the settings of {failed}: put them right" in said
    assert (place.parameter(), place.definition()) == (image, serving)
    place.deploy(ONLY, "--image", image)
    assert place.serving() == image
    assert "No changes." in place.succeed("plan", "--unit", "service")


def test_a_rollback_brings_the_earlier_image_and_is_a_trace_and_a_marker(
    place: Place, traced: Traced, images: tuple[str, str]
) -> None:
    """Not one that failed; with nothing before it, a second one says what there was."""
    first, second = images
    said = place.succeed("rollback", "--port", str(place.port))
    assert f"rollback local: to   {first}" in said
    assert (place.parameter(), place.serving()) == (first, first)
    tag, other = (image.rpartition(":")[2] for image in images)
    root, _ = traced.whole(told(said))
    assert (root["name"], root["image"]) == ("make rollback", tag)
    made = [
        (one["type"], one["message"].partition(":")[2].split()[0].strip(","))
        for one in sorted(traced.markers(), key=lambda one: int(one["end_time"]))
    ]
    deployed = [("deploy", one) for one in (tag, tag, other, "gone", "sick", other, other)]
    assert made == [*deployed, ("rollback", tag)]
    again = place.run("rollback", "--port", str(place.port))
    assert again.returncode == 2
    had = f"{second}, {REPOSITORY}:sick, {REPOSITORY}:gone"
    assert f"no earlier image to go back to; it has had {had}: run" in again.stderr


def test_with_a_collector_the_process_here_does_without(place: Place) -> None:
    """The task's backend sends to its collector, which no machine of ours has: said, traced and verified."""
    settings = place.checkout.root / "terraform" / "backend-app" / "config" / "local" / "env.hcl"
    text = settings.read_text()
    assert text.count('tracing_mode          = "direct"') == 1
    settings.write_text(text.replace('tracing_mode          = "direct"', 'tracing_mode = "collector"'))
    said = place.deploy(ONLY)
    assert said.count("the task's collector does not run here: the backend sends to both places itself") == 1
    found = place.client("ecs").describe_task_definition(taskDefinition=place.definition())["taskDefinition"]
    backend = next(one for one in found["containerDefinitions"] if one["name"] == "backend")
    assert {"name": "TRACING_MODE", "value": "collector"} in backend["environment"]


def test_a_rotated_key_reaches_the_collectors_by_new_tasks(place: Place) -> None:
    """ECS injects it as a task starts: another version of the key makes another definition, which serves."""
    before, image = place.definition(), place.parameter()
    said = place.succeed("rotate-honeycomb-key")
    after = place.definition()
    assert _revision(after) > _revision(before)
    assert f"{after.rpartition('/')[2]} runs with it" in said
    assert place.serving() == image
    assert place.locks() == []
    assert "No changes." in place.succeed("plan", "--unit", "service")


def test_what_the_service_stands_on_is_not_destroyed_alone(place: Place) -> None:
    """Network and registry stay while the service has resources; nothing is begun."""
    for unit in ("network", "registry"):
        finished = place.run("destroy", "--unit", unit)
        assert finished.returncode == 2
        [line] = finished.stderr.strip().splitlines()
        assert f"unit service stands on {unit}, and has resources" in line
        assert "`make destroy ENV=local UNIT=service` first, or UNIT=all" in line


def test_destroy_leaves_nothing_but_the_state_bucket(place: Place, traced: Traced) -> None:
    """All units go, the process here too, and the task definitions that Terraform keeps.

    Of every kind of resource that the states had one of, the local cloud is asked for what is left.
    """
    pid, before = place.process()["pid"], resources(place)
    assert {kind for kind, found in before.items() if not found} == set()
    said = place.make("destroy")
    assert "every unit goes" in said
    assert not psutil.pid_exists(pid)
    assert not (place.checkout.root / ".local" / "deployed").exists()
    assert {kind: found for kind, found in resources(place).items() if found} == {}
    assert [one["Name"] for one in place.client("s3").list_buckets()["Buckets"]] == [BUCKET]
    root, _ = traced.whole(told(said))
    assert root["destroyed.total"] > 50
    assert {event["dataset"] for event in traced.events(told(said)).values()} == {SERVICE}
    assert "nothing to destroy" in place.succeed("destroy", "--unit", "all")


def _revision(definition: str) -> int:
    return int(definition.rpartition(":")[2])
