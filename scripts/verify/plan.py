"""Which checks a set of units makes, and their running side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.verify import access, expected, logs, parameters, xray
from scripts.verify.effect import honeycomb, key_parts
from scripts.verify.effect import parts as effect
from scripts.verify.effect.once import Once
from scripts.verify.engine import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.aws import Clients
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result
    from scripts.verify.engine import Part

_MAIN_RULE = "xray_sampling_rule_name"


def run(
    environment_name: str,
    units: Mapping[str, Unit],
    clients: Clients,
    variables: Mapping[str, str] | None = None,
) -> list[Result]:
    """Run all checks that *units* ask for and return their results in a fixed order.

    *variables* are the environment's: a daemon or collector that they name is looked at too. Raises
    OperatorError where a unit asks for something that there are no checks for.
    """
    parts = _parts(environment_name, units, clients)
    parts += effect.of_senders(variables or {}, next(iter(units.values())).target)
    parts += access.parts(environment_name, units, clients)
    local = environment_name == "local"
    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        found = pool.map(lambda part: guarded(part[0], part[1], local=local), parts)
        return [result for results in found for result in results]


def _parts(environment_name: str, units: Mapping[str, Unit], clients: Clients) -> list[Part]:
    """Return the parts that can run at the same time: what is asked for by check id, and the work."""
    again = f"run `make apply ENV={environment_name}`"
    rotate = f"run `make rotate-honeycomb-key ENV={environment_name}` with a key that Honeycomb knows"
    parts: list[Part] = []
    endpoint, dataset, main = "", "", ""
    if "honeycomb" in units:
        dataset = str(units["honeycomb"].inputs.get("dataset", ""))
        main = str(units["honeycomb"].inputs.get(_MAIN_RULE, ""))
    for name, unit in units.items():
        if name == "xray":
            parts += _xray(unit, main, clients, again)
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
        unit = units["honeycomb-key"]
        parts += key_parts.of_key(
            clients.ssm(),
            expected.key(unit),
            unit.target.parameter_path,
            endpoint,
            honeycomb.Place.of(unit.target, dataset),
            key_parts.Remedies(again, rotate),
            local=environment_name == "local",
        )
    return parts


def _xray(unit: Unit, main: str, clients: Clients, remedy: str) -> list[Part]:
    asked, client = expected.xray(unit), clients.xray()
    group, rules, encryption = asked.group, asked.rules, asked.encryption
    found_group = Once(lambda: xray.group_of(client, group.name))
    found_rules = Once(lambda: xray.rules_of(client))
    recent = effect.of_traces(client, unit.target)

    def check_rules() -> list[Result]:
        found = found_rules()
        return [xray.rule_result(found, name, wanted, remedy) for name, wanted in rules.items()]

    parts: list[Part] = [
        (
            {f"xray.group.{group.name}": f"group {group.name}"},
            lambda: [xray.judged(found_group(), group, remedy)],
        ),
        *effect.of_group(client, group, unit.target, found_group, recent, remedy),
        ({f"xray.rule.{name}": f"sampling rule {name}" for name in rules}, check_rules),
        effect.of_rules(asked, unit.target, main or group.name, found_rules, recent, remedy),
        effect.of_policies(client, unit.target),
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
