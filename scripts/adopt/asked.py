"""What the configuration asks for by name, and what of it decides whether a thing may be taken over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from scripts.verify.expected import LOG_GROUP_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.terragrunt.render import Unit

SERVICE = "service"
UNITS = ("xray", "honeycomb", "logs")
# Below the parameter path, with the unit that has it; the key is not among them.
PARAMETERS: Mapping[str, str] = {
    "honeycomb/endpoint": "honeycomb",
    "honeycomb/dataset": "honeycomb",
    "xray/group-name": "honeycomb",
    "xray/sampling-rule-name": "honeycomb",
    LOG_GROUP_NAME: "logs",
}


@dataclass(frozen=True)
class Asked:
    """The root configuration's names and tags, its settings, and those that were adopted before.

    ``rule_names`` are by the rules' keys in the settings.
    """

    account_id: str
    region: str
    prefix: str
    group_name: str
    rule_names: Mapping[str, str]
    parameter_path: str
    tags: Mapping[str, str]
    settings: Mapping[str, Any]
    adopted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service_rule_name(self) -> str | None:
        """The name that the settings give the rule ``service``; None where it is called as the group."""
        rule = self.settings["sampling_rules"].get(SERVICE) or {}
        return rule.get("name") or None

    @property
    def dropped_rules(self) -> set[str]:
        """The keys of rules that the settings drop: one that stands there under such a key stays dropped."""
        return {key for key, rule in self.settings["sampling_rules"].items() if rule is None}

    def key_of(self, rule_name: str) -> str | None:
        """Return the key of the rule that is asked for by this name."""
        return next((key for key, name in self.rule_names.items() if name == rule_name), None)


def read(unit: Unit) -> Asked:
    """Return what the environment of *unit* asks for.

    Raises OperatorError where the root configuration has none of it.
    """
    root = unit.root
    try:
        return Asked(
            account_id=unit.target.account_id,
            region=unit.target.region,
            prefix=f"{root['prefix']}-",
            group_name=root["group_name"],
            rule_names=root["rule_names"],
            parameter_path=unit.target.parameter_path,
            tags=root["tags"],
            settings=root["settings"],
            adopted=root["adopted"],
        )
    except KeyError as error:
        raise OperatorError(
            f"the root terragrunt.hcl has no local {error}, so nothing can be adopted",
            remedy="take the root terragrunt.hcl of this version over",
        ) from error
