"""What there is to take over in an environment: AWS asked, the states looked at, and each thing decided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scripts.adopt import asked as asking
from scripts.adopt import choosing, held, names, reading, refusing
from scripts.adopt.things import GROUP, LeftOut, Thing
from scripts.errors import OperatorError
from scripts.terragrunt.units import KEY_UNIT
from scripts.verify.expected import KEY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.adopt.asked import Asked
    from scripts.adopt.held import Held
    from scripts.aws import Clients
    from scripts.terragrunt.render import Unit

_THROTTLED = {
    "ThrottledException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
}
_NO_ENCRYPTION = "NONE"


@dataclass
class Found:
    """What is taken over, and what is not; ``rule_names`` by key, as they will be; ``others`` unasked for."""

    asked: Asked
    rule_names: dict[str, str]
    things: list[Thing] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def add(self, things: Sequence[Thing], wanted: Mapping[str, str]) -> None:
        """Take *things* over, save those that can't be."""
        for thing in things:
            why = refusing.reason(thing, self.asked, wanted)
            if why is None:
                self.things.append(thing)
            else:
                self.left_out.append(LeftOut(str(thing), why, address=thing.address))


def find(units: Mapping[str, Unit], clients: Clients, given: Sequence[str]) -> Found:
    """Return what there is to take over in *units*; *given* are the names that the operator gave.

    Raises OperatorError for names that stand for nothing, and where there is no room; ``aws.FAILURES`` where
    something can't be asked.
    """
    asked = asking.read(next(iter(units.values())))
    found = Found(asked, dict(asked.rule_names))
    with _throttling_told():
        if "xray" in units:
            _xray(found, held.of(units["xray"]), clients, given)
        _parameters(found, units, clients)
        if "logs" in units:
            name = units["logs"].inputs["group_name"]
            group = reading.log_group(clients.logs(), name)
            if group is not None and group.address not in held.of(units["logs"]):
                found.add([group], {})
    return found


def _xray(found: Found, in_state: Held, clients: Clients, given: Sequence[str]) -> None:
    client, asked = clients.xray(), found.asked
    groups, rules = reading.groups(client), reading.rules(client)
    there = {thing.name for thing in (*groups, *rules)}
    names.require_known(given, there | {reading.DEFAULT_GROUP_NAME})
    if reading.DEFAULT_GROUP_NAME in given:
        found.left_out.append(LeftOut(reading.DEFAULT_GROUP_NAME, "it is X-Ray's own, and always there"))
    group = choosing.group(asked, groups, given, in_state)
    before = len(found.left_out)
    found.add([_tagged(thing, clients) for thing in group.things], {})
    chosen = group.things if len(found.left_out) == before else []
    present = {thing.name for thing in rules}
    found.rule_names = choosing.rule_names(asked, chosen, present)
    rule = choosing.rules(found.rule_names, rules, given, in_state)
    found.add([_tagged(thing, clients) for thing in rule.things], {})
    found.left_out += group.left_out
    found.others = sorted({*group.others, *rule.others} - {thing.name for thing in found.things})
    wanted = asked.settings["encryption"]
    if wanted is not None:
        thing = reading.encryption(client, asked.region)
        # Without any is how every account begins: nobody has made that.
        by_hand = thing.values["encryption"]["type"] != _NO_ENCRYPTION or wanted["type"] == _NO_ENCRYPTION
        if by_hand and thing.address not in in_state:
            found.add([thing], {})


def _tagged(thing: Thing, clients: Clients) -> Thing:
    return replace(thing, tags=reading.xray_tags(clients.xray(), thing.arn))


def _parameters(found: Found, units: Mapping[str, Unit], clients: Clients) -> None:
    asked = found.asked
    path = asked.parameter_path
    of_units = {below: unit for below, unit in asking.PARAMETERS.items() if unit in units}
    key = f"{path}/{KEY_NAME}"
    looked_for = [f"{path}/{below}" for below in of_units] + ([key] if KEY_UNIT in units else [])
    if not looked_for:
        return
    about = reading.described(clients.ssm(), looked_for)
    if key in about and not held.of(units[KEY_UNIT]):
        found.left_out.append(
            LeftOut(
                f"parameter {key}",
                "an import would copy the key into the state; `make apply` takes the parameter over",
                in_the_way=False,
            )
        )
    group = next((thing.name for thing in found.things if thing.kind == GROUP), asked.group_name)
    wanted = {
        "xray/group-name": group,
        "xray/sampling-rule-name": found.rule_names.get(asking.SERVICE, group),
    }
    if "logs" in units:
        wanted["logs/group-name"] = units["logs"].inputs["group_name"]
    in_states = {name: held.of(units[name]) for name in {*of_units.values()}}
    about = {name: one for name, one in about.items() if name != key}
    there = reading.parameters(clients.ssm(), path, of_units, about)
    found.add([thing for thing in there if thing.address not in in_states[thing.unit]], wanted)


@contextmanager
def _throttling_told() -> Iterator[None]:
    """Have a throttled call end with what helps: nothing was written, so it can just be run again."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code not in _THROTTLED:
            raise
        raise OperatorError(
            f"AWS throttles {error.operation_name} ({code}); nothing was written",
            remedy="wait a minute, then run this again",
        ) from error
