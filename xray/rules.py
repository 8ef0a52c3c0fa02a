"""A sampling rule and what it looks at (source: the X-Ray API's SamplingRule)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

DEFAULT_RULE_NAME = "Default"
DEFAULT_RULE_PRIORITY = 10_000
SUPPORTED_VERSION = 1
ANY = "*"


@dataclass(frozen=True, slots=True)
class SamplingRequest:
    """What a rule looks at in a request; what isn't known is empty and matches only `*`."""

    service_name: str = ""
    service_type: str = ""
    host: str = ""
    method: str = ""
    path: str = "/"


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """One sampling rule. `fixed_rate` is a share from 0 to 1, `reservoir_size` traces a second."""

    rule_name: str
    priority: int
    fixed_rate: float
    reservoir_size: int
    service_name: str = ANY
    service_type: str = ANY
    host: str = ANY
    http_method: str = ANY
    url_path: str = ANY
    resource_arn: str = ANY
    version: int = SUPPORTED_VERSION
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def from_api(cls, document: Mapping[str, Any]) -> Self:
        """Build a rule from X-Ray's `SamplingRule` structure; unknown members are left alone.

        Raises:
            ValueError: a required member is missing or not of its type; the message names it.
        """
        values: dict[str, Any] = {}
        for attribute, (wire, kind) in _MEMBERS.items():
            value = document.get(wire)
            if value is None:
                if attribute in _OPTIONAL:
                    continue
                raise ValueError(f"SamplingRule {document.get('RuleName', '?')}: {wire} is missing")
            try:
                values[attribute] = dict(value) if kind is dict else kind(value)
            except (TypeError, ValueError) as error:
                name = document.get("RuleName", "?")
                raise ValueError(
                    f"SamplingRule {name}: {wire} is {value!r}, expected {kind.__name__}"
                ) from error
        return cls(**values)

    def to_api(self) -> dict[str, Any]:
        """Return the rule as X-Ray's `SamplingRule` structure."""
        document = {wire: getattr(self, attribute) for attribute, (wire, _) in _MEMBERS.items()}
        document["Attributes"] = dict(self.attributes)
        return document


DEFAULT_RULE = SamplingRule(DEFAULT_RULE_NAME, DEFAULT_RULE_PRIORITY, fixed_rate=0.05, reservoir_size=1)
"""X-Ray's own last rule, as it is unless somebody edited it (source: "Configuring sampling rules")."""

_MEMBERS: dict[str, tuple[str, type]] = {
    "rule_name": ("RuleName", str),
    "priority": ("Priority", int),
    "fixed_rate": ("FixedRate", float),
    "reservoir_size": ("ReservoirSize", int),
    "service_name": ("ServiceName", str),
    "service_type": ("ServiceType", str),
    "host": ("Host", str),
    "http_method": ("HTTPMethod", str),
    "url_path": ("URLPath", str),
    "resource_arn": ("ResourceARN", str),
    "version": ("Version", int),
    "attributes": ("Attributes", dict),
}
_OPTIONAL = {"attributes"}
