"""Stack service: what its task definition makes ECS do, in both tracing modes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from server_settings import ServerSettings
from services.tracing.settings import TracingSettings
from tests.terraform import modules
from tests.terraform.commands import APP, REPOSITORY
from tests.terraform.local_aws import LocalAws
from tests.terraform.service_inputs import GOOD, NAME, PATH, containers, variables, write_image

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK = APP / "stacks" / "service"
KEY = f"arn:aws:ssm:us-east-1:123456789012:parameter{PATH}/honeycomb/api-key"
IMAGE = f"{GOOD['repository_url']}:0123456789abcdef"
INDEXED = {"TRACING_INDEXED_ATTRIBUTES": "http.route, app.now", "TRACING_INDEX_ALL_ATTRIBUTES": "true"}
CASES: dict[str, dict[str, Any]] = {
    "collector": {},
    "direct": {"tracing_mode": "direct"},
    "smallest": {"cpu": 256, "memory": 512},
    "largest": {"cpu": 4096, "memory": 30720},
    "rotated": {"honeycomb_key_version": 2},
    "named": {"service_name": "api"},
    "indexed": {"backend_environment": INDEXED},
    "trusting": {"backend_environment": {"TRACING_TRUSTED_CALLERS": "10.0.0.0/8"}},
    "pinned": {"collector_image": f"{GOOD['collector_image']}@sha256:{'a' * 64}"},
    "refinery": {"honeycomb_endpoint": "https://refinery.example.com:8443"},
}


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Return the planned resources of each case, with an image that was deployed."""
    folder = tmp_path_factory.mktemp("tasks")
    with LocalAws() as aws:
        write_image(aws, IMAGE)
        where = {"AWS_ENDPOINT_URL": aws.endpoint}
        done = modules.plan(folder, "service", {name: GOOD | more for name, more in CASES.items()}, where)
        assert done.code == 0, modules.told(done)
        yield modules.planned(folder, where)


def one(resources: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the values of the only resource of *kind*."""
    [found] = [resource["values"] for resource in resources if resource["type"] == kind]
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", CASES)
def test_containers_have_nothing_that_they_need_not(case: str, planned: dict[str, Any]) -> None:
    """No root, no writable root file system, no capability; lines go to the group without blocking."""
    for container in containers(planned[case]).values():
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["user"])
        assert (container["readonlyRootFilesystem"], container["privileged"]) == (True, False)
        assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
        options = container["logConfiguration"]["options"]
        assert (options["awslogs-group"], options["awslogs-stream-prefix"]) == (PATH, "ecs")
        assert options["mode"] == "non-blocking"


@pytest.mark.parametrize("case", CASES)
def test_containers_fit_into_the_task(case: str, planned: dict[str, Any]) -> None:
    """CPU adds up; the collector's own limit, with Go's below it, stays below its container's memory."""
    task, found = one(planned[case], "aws_ecs_task_definition"), containers(planned[case])
    assert sum(container["cpu"] for container in found.values()) == int(task["cpu"])
    assert found["collector"]["memory"] <= int(task["memory"]) / 4
    told = variables(found["collector"])
    limit, spike = int(told["MEMORY_LIMIT_MIB"]), int(told["MEMORY_SPIKE_MIB"])
    assert 0 < spike < limit < found["collector"]["memory"]
    assert int(told["GOMEMLIMIT"].removesuffix("MiB")) < limit


@pytest.mark.parametrize("case", CASES)
def test_collector_gets_each_variable_that_its_configuration_names(
    case: str, planned: dict[str, Any]
) -> None:
    """Neither one that is missing, which would be empty, nor one that nothing reads."""
    collector = containers(planned[case])["collector"]
    told = variables(collector)
    named = set(re.findall(r"\$\{env:(\w+)\}", told["AOT_CONFIG_CONTENT"]))
    given = set(told) | {secret["name"] for secret in collector.get("secrets", [])}
    unread = {"AOT_CONFIG_CONTENT", "GOMEMLIMIT", "HONEYCOMB_KEY_VERSION"}
    assert named == given - unread
    file = "collector-direct.yaml" if case == "direct" else "collector.yaml"
    assert told["AOT_CONFIG_CONTENT"] == (STACK / file).read_text()


@pytest.mark.parametrize("case", CASES)
def test_backend_takes_the_settings_as_they_are_meant(case: str, planned: dict[str, Any]) -> None:
    """Read by the backend's own code: mode, places, the collector's addresses, nobody trusted."""
    told = variables(containers(planned[case])["backend"])
    tracing, server = TracingSettings.from_environment(told), ServerSettings.from_environment(told)
    assert (tracing.required, tracing.parameter_path, tracing.region) == (True, PATH, "us-east-1")
    assert (server.bind, server.workers) == ("0.0.0.0:4567", 2)
    assert tracing.daemon == TracingSettings().daemon
    assert tracing.service_name == ("api" if case == "named" else None)
    if case == "direct":
        assert (tracing.mode, tracing.otlp_traces_url) == ("direct", None)
    else:
        assert (tracing.mode, tracing.otlp_traces_url) == ("collector", "http://127.0.0.1:4318/v1/traces")
    trusted = "10.0.0.0/8" if case == "trusting" else "none"
    assert told["TRACING_TRUSTED_CALLERS"] == trusted


@pytest.mark.parametrize("case", CASES)
def test_both_index_the_same_attributes(case: str, planned: dict[str, Any]) -> None:
    """What the backend would make annotations of, the collector does; segments say it themselves."""
    found = containers(planned[case])
    told, tracing = (
        variables(found["collector"]),
        TracingSettings.from_environment(variables(found["backend"])),
    )
    if case == "direct":
        assert "INDEXED_ATTRIBUTES" not in told
        return
    assert tuple(json.loads(told["INDEXED_ATTRIBUTES"])) == tracing.indexed_attributes
    assert json.loads(told["INDEX_ALL_ATTRIBUTES"]) is tracing.index_all_attributes


@pytest.mark.parametrize("case", ["collector", "direct"])
def test_a_stop_leaves_time_to_answer_and_to_flush(case: str, planned: dict[str, Any]) -> None:
    """Balancer, gunicorn, flush and ECS, each within the next; ECS allows 120 seconds on Fargate."""
    found = containers(planned[case])
    told = variables(found["backend"])
    server, tracing = ServerSettings.from_environment(told), TracingSettings.from_environment(told)
    stop = found["backend"]["stopTimeout"]
    assert tracing.shutdown_deadline_seconds < server.graceful_timeout_seconds
    assert server.graceful_timeout_seconds + tracing.shutdown_deadline_seconds < stop < 120
    assert int(one(planned[case], "aws_lb_target_group")["deregistration_delay"]) < stop
    assert found["collector"]["stopTimeout"] < 120
    idle = one(planned[case], "aws_lb")["idle_timeout"]
    assert idle < server.keep_alive_seconds


@pytest.mark.parametrize("case", ["collector", "direct"])
def test_backend_runs_between_a_healthy_collectors_start_and_end(case: str, planned: dict[str, Any]) -> None:
    """It waits for the collector's health; requests outlive a collector that ends, which is started again."""
    found = containers(planned[case])
    assert found["backend"]["dependsOn"] == [{"containerName": "collector", "condition": "HEALTHY"}]
    assert found["collector"]["healthCheck"]["command"] == ["CMD", "/healthcheck"]
    assert (found["backend"]["essential"], found["collector"]["essential"]) == (True, False)
    assert found["collector"]["restartPolicy"]["enabled"] is True
    assert found["backend"]["image"] == IMAGE
    [_, program, script] = found["backend"]["healthCheck"]["command"]
    assert (program, script.startswith("/app/")) == ("python", True)
    assert (REPOSITORY / script.removeprefix("/app/")).is_file()


def test_key_reaches_the_collector_alone_and_by_its_arn(planned: dict[str, Any]) -> None:
    """In mode direct the backend reads it itself: nothing is injected."""
    for case, resources in planned.items():
        found = containers(resources)
        expected = [] if case == "direct" else [{"name": "HONEYCOMB_API_KEY", "valueFrom": KEY}]
        assert (found["collector"].get("secrets", []), found["backend"].get("secrets", [])) == (expected, [])


def test_a_rotated_key_makes_another_task_definition(planned: dict[str, Any]) -> None:
    """Nothing but its version differs."""
    before, after = containers(planned["collector"]), containers(planned["rotated"])
    assert before["backend"] == after["backend"]
    was, told = variables(before["collector"]), variables(after["collector"])
    assert (was.pop("HONEYCOMB_KEY_VERSION"), told.pop("HONEYCOMB_KEY_VERSION")) == ("1", "2")
    assert was == told


def test_tasks_reach_the_port_that_honeycombs_address_has(planned: dict[str, Any]) -> None:
    """443, and another one beside it where the address names one."""
    for case, ports in (("collector", [443]), ("refinery", [443, 8443])):
        rules = [
            one["values"] for one in planned[case] if one["type"] == "aws_vpc_security_group_egress_rule"
        ]
        assert sorted(rule["from_port"] for rule in rules if rule["cidr_ipv4"] == "0.0.0.0/0") == ports


def test_service_goes_back_by_itself_and_keeps_the_old_tasks_meanwhile(planned: dict[str, Any]) -> None:
    """Circuit breaker with rollback, never less than all tasks; no address of the internet's."""
    service = one(planned["collector"], "aws_ecs_service")
    assert service["deployment_circuit_breaker"] == [{"enable": True, "rollback": True}]
    assert service["deployment_minimum_healthy_percent"] == 100
    assert service["wait_for_steady_state"] is False
    assert service["propagate_tags"] == "SERVICE"
    assert service["network_configuration"][0]["assign_public_ip"] is False
    task = one(planned["collector"], "aws_ecs_task_definition")
    assert (task["skip_destroy"], task["family"], task["network_mode"]) == (True, NAME, "awsvpc")
    roles = {task["execution_role_arn"].rpartition("/")[2], task["task_role_arn"].rpartition("/")[2]}
    assert roles == {f"{NAME}-execution", f"{NAME}-task"}


def test_the_collectors_image_is_named_as_ecs_takes_it(planned: dict[str, Any]) -> None:
    """By tag, or by digest alone where both are given: ECS API reference, ContainerDefinition, image."""
    name, _, version = GOOD["collector_image"].rpartition(":")
    assert containers(planned["collector"])["collector"]["image"] == f"{name}:{version}"
    assert containers(planned["pinned"])["collector"]["image"] == f"{name}@sha256:{'a' * 64}"
