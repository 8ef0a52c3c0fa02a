"""Which checks a set of units makes, and their running side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.verify import expected, logs, parameters, xray
from scripts.verify.engine import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scripts.aws import Clients
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result

Part = tuple["Mapping[str, str]", "Callable[[], list[Result]]"]


def run(environment_name: str, units: Mapping[str, Unit], clients: Clients) -> list[Result]:
    """Run all checks that *units* ask for and return their results in a fixed order.

    Raises OperatorError where a unit asks for something that there are no checks for.
    """
    parts = _parts(environment_name, units, clients)
    local = environment_name == "local"
    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        found = pool.map(lambda part: guarded(part[0], part[1], local=local), parts)
        return [result for results in found for result in results]


def _parts(environment_name: str, units: Mapping[str, Unit], clients: Clients) -> list[Part]:
    """Return the parts that can run at the same time: what is asked for by check id, and the work."""
    again = f"run `make apply ENV={environment_name}`"
    rotate = f"run `make rotate-honeycomb-key ENV={environment_name}` with a key that Honeycomb knows"
    parts: list[Part] = []
    endpoint = ""
    for name, unit in units.items():
        if name == "xray":
            parts += _xray(expected.xray(unit), clients, again)
        elif name == "honeycomb":
            asked = expected.parameters(unit)
            endpoint = asked.endpoint
            parts.append(_plain(asked.values, clients, again))
        elif name == "logs":
            parts += _logs(expected.log_group(unit), clients, again)
        elif name != "honeycomb-key":
            raise OperatorError(
                f"verify has no checks for unit {name}", remedy="add them to scripts/verify/plan.py"
            )
    if "honeycomb-key" in units:
        key = expected.key(units["honeycomb-key"])
        parts.append(_key(key, endpoint, clients, again, rotate, local=environment_name == "local"))
    return parts


def _xray(asked: expected.XRay, clients: Clients, remedy: str) -> list[Part]:
    client = clients.xray()
    group, rules, encryption = asked.group, asked.rules, asked.encryption

    def check_rules() -> list[Result]:
        found = xray.rules_of(client)
        return [xray.rule_result(found, name, wanted, remedy) for name, wanted in rules.items()]

    parts: list[Part] = [
        (
            {f"xray.group.{group.name}": f"group {group.name}"},
            lambda: [xray.group_result(client, group, remedy)],
        ),
        ({f"xray.rule.{name}": f"sampling rule {name}" for name in rules}, check_rules),
    ]
    if encryption is not None:
        parts.append(
            (
                {"xray.encryption": f"type={encryption.type}"},
                lambda: [xray.encryption_result(client, encryption, remedy)],
            )
        )
    return parts


def _logs(asked: expected.LogGroup, clients: Clients, remedy: str) -> list[Part]:
    client = clients.logs()
    return [
        (
            {f"logs.group.{asked.name}": f"log group {asked.name}"},
            lambda: [logs.group_result(client, asked, remedy)],
        ),
        _plain({asked.parameter: asked.name}, clients, remedy),
    ]


def _plain(values: Mapping[str, str], clients: Clients, remedy: str) -> Part:
    client = clients.ssm()

    def work() -> list[Result]:
        found = parameters.read_plain(client, list(values))
        return [parameters.plain_result(found, name, value, remedy) for name, value in values.items()]

    wanted = {f"ssm.parameter.{name}": f"type=String, value={value}" for name, value in values.items()}
    return wanted, work


def _key(
    asked: expected.Key, endpoint: str, clients: Clients, again: str, rotate: str, *, local: bool
) -> Part:
    client = clients.ssm()
    parameter = {f"ssm.parameter.{asked.name}": parameters.key_expectation(asked)}
    taken = {"honeycomb.key": f"accepted by {endpoint}"} if endpoint else {}

    def work() -> list[Result]:
        handed_on = parameters.KeyValue()
        # Each of both is guarded by itself: a refused read must not hide that the key was not shown.
        results = guarded(
            parameter,
            lambda: [parameters.key_result(client, asked, handed_on, apply=again, rotate=rotate)],
            local=local,
        )
        if taken:
            # Without a key to show, what is to be done is what the parameter needs.
            remedy = rotate if handed_on.value else results[0].remedy
            results += guarded(
                taken,
                lambda: [parameters.honeycomb_result(endpoint, handed_on, remedy)],
                local=local,
            )
        return results

    return {**parameter, **taken}, work
