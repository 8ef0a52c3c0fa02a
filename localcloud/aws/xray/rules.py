"""Sampling rules as X-Ray keeps them (source: the X-Ray API, CreateSamplingRule and UpdateSamplingRule)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.exceptions import InvalidRequestError, RuleLimitExceededError
from xray.sampling import (
    DEFAULT_RULE_NAME,
    DEFAULT_RULE_PRIORITY,
    SamplingRule,
    sort_rules,
    validate_rule,
)

RULES_MAX = 25
NOT_FOUND = "Sampling rule does not exist"
DEFAULT_CREATED_AT = 0.0
_IDENTITY = {"RuleName", "RuleARN"}
_EDITABLE_OF_DEFAULT = {"FixedRate", "ReservoirSize"}


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """A rule with its ARN and times (epoch seconds). `rate_boost` is the API's `SamplingRateBoost`."""

    rule: SamplingRule
    arn: str
    created_at: float
    modified_at: float
    rate_boost: dict[str, Any] | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the API's `SamplingRuleRecord`.

        SamplingRateBoost is left out where it isn't set: OpenTelemetry's sampler refuses unknown members.
        """
        rule: dict[str, Any] = {**self.rule.to_api(), "RuleARN": self.arn}
        if self.rate_boost is not None:
            rule["SamplingRateBoost"] = self.rate_boost
        return {"SamplingRule": rule, "CreatedAt": self.created_at, "ModifiedAt": self.modified_at}


class SamplingRules:
    """The rules of one account and region; Default always exists and comes last.

    `last_modification` is when a rule was last made, changed or deleted (epoch seconds).
    """

    def __init__(self, place: Place, clock: Callable[[], float]) -> None:
        self._place = place
        self._clock = clock
        self.last_modification = clock()
        default = SamplingRule(
            rule_name=DEFAULT_RULE_NAME, priority=DEFAULT_RULE_PRIORITY, fixed_rate=0.05, reservoir_size=1
        )
        self._by_name = {
            DEFAULT_RULE_NAME: RuleRecord(
                default, self._arn(DEFAULT_RULE_NAME), DEFAULT_CREATED_AT, self.last_modification
            )
        }

    def all(self) -> list[RuleRecord]:
        """Return the rules in the order in which they are asked."""
        rules = sort_rules(record.rule for record in self._by_name.values())
        return [self._by_name[rule.rule_name] for rule in rules]

    def get(self, name: str) -> RuleRecord | None:
        """Return the rule of this name, if there is one."""
        return self._by_name.get(name)

    def find(self, name: str | None, arn: str | None) -> RuleRecord:
        """Return the rule with this name or ARN.

        Raises:
            InvalidRequestError: neither or both are given, or there is none.
        """
        if (name is None) == (arn is None):
            raise InvalidRequestError("Exactly one of RuleName and RuleARN must be given")
        for record in self._by_name.values():
            if name == record.rule.rule_name or arn == record.arn:
                return record
        raise InvalidRequestError(NOT_FOUND)

    def create(self, document: dict[str, Any]) -> RuleRecord:
        """Make a rule from the API's `SamplingRule`.

        Raises:
            InvalidRequestError: it has no name, or one that is taken.
            RuleLimitExceededError: there are too many.
        """
        name = document.get("RuleName")
        if name is None:
            raise InvalidRequestError("RuleName must be given")
        if document.get("RuleARN") is not None:
            raise InvalidRequestError("RuleARN must not be given for a new sampling rule")
        if name in self._by_name:
            raise InvalidRequestError(f"Sampling rule already exists: {name}")
        if len(self._by_name) - 1 >= RULES_MAX:
            raise RuleLimitExceededError(f"There can be at most {RULES_MAX} sampling rules")
        now = self._touch()
        record = RuleRecord(
            _checked(SamplingRule.from_api(document)),
            self._arn(name),
            now,
            now,
            _rate_boost(document.get("SamplingRateBoost")),
        )
        self._by_name[name] = record
        return record

    def update(self, document: dict[str, Any]) -> RuleRecord:
        """Change what the API's `SamplingRuleUpdate` gives of a rule; name and version stay.

        Raises:
            InvalidRequestError: no such rule, a value out of its limits, or more than Default allows.
        """
        record = self.find(document.get("RuleName"), document.get("RuleARN"))
        changes = {key: value for key, value in document.items() if key not in _IDENTITY}
        if record.rule.rule_name == DEFAULT_RULE_NAME and not changes.keys() <= _EDITABLE_OF_DEFAULT:
            raise InvalidRequestError("Invalid update request for default sampling rule")
        boost = _rate_boost(changes.pop("SamplingRateBoost", record.rate_boost))
        rule = _checked(SamplingRule.from_api({**record.rule.to_api(), **changes}))
        updated = replace(record, rule=rule, rate_boost=boost, modified_at=self._touch())
        self._by_name[rule.rule_name] = updated
        return updated

    def delete(self, record: RuleRecord) -> None:
        """Delete a rule.

        Raises:
            InvalidRequestError: it is Default.
        """
        if record.rule.rule_name == DEFAULT_RULE_NAME:
            raise InvalidRequestError("The Default sampling rule can't be deleted")
        del self._by_name[record.rule.rule_name]
        self._touch()

    def _touch(self) -> float:
        self.last_modification = self._clock()
        return self.last_modification

    def _arn(self, name: str) -> str:
        return self._place.arn(f"sampling-rule/{name}")


def _checked(rule: SamplingRule) -> SamplingRule:
    problems = validate_rule(rule)
    if problems:
        raise InvalidRequestError(f"Invalid sampling rule {rule.rule_name}: {'; '.join(problems)}")
    return rule


def _rate_boost(boost: dict[str, Any] | None) -> dict[str, Any] | None:
    if boost is not None and not 0 <= boost["MaxRate"] <= 1:
        raise InvalidRequestError("SamplingRateBoost.MaxRate must be from 0 to 1")
    return boost
