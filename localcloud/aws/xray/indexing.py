"""Indexing rules (source: the X-Ray API, GetIndexingRules and UpdateIndexingRule).

They tell how many of the spans in CloudWatch Logs X-Ray indexes. There is one, Default, of 1 %.
"""

from collections.abc import Callable
from typing import Any

from localcloud.aws.xray.exceptions import InvalidRequestError, ResourceNotFoundError

RULE_NAME = "Default"
DEFAULT_PERCENTAGE = 1.0
PERCENTAGE_MAX = 100


class IndexingRules:
    """The indexing rules of one account and region."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._percentage = DEFAULT_PERCENTAGE
        self._modified_at = clock()

    def all(self) -> list[dict[str, Any]]:
        """Return the API's `IndexingRule` of every rule."""
        return [self._to_api()]

    def update(self, name: str, rule: dict[str, Any]) -> dict[str, Any]:
        """Change a rule by the API's `IndexingRuleValueUpdate` and return its `IndexingRule`.

        Raises:
            ResourceNotFoundError: there is no rule of this name.
            InvalidRequestError: there is no percentage, or none from 0 to 100.
        """
        if name != RULE_NAME:
            raise ResourceNotFoundError(f"Indexing rule not found: {name[:100]}", ResourceName=name[:100])
        if "Probabilistic" not in rule:
            raise InvalidRequestError("Rule must have the member Probabilistic")
        percentage = rule["Probabilistic"]["DesiredSamplingPercentage"]
        if not 0 <= percentage <= PERCENTAGE_MAX:
            raise InvalidRequestError(f"DesiredSamplingPercentage must be from 0 to {PERCENTAGE_MAX}")
        self._percentage, self._modified_at = percentage, self._clock()
        return self._to_api()

    def _to_api(self) -> dict[str, Any]:
        percentages = {
            "DesiredSamplingPercentage": self._percentage,
            "ActualSamplingPercentage": self._percentage,
        }
        return {
            "Name": RULE_NAME,
            "ModifiedAt": self._modified_at,
            "Rule": {"Probabilistic": percentages},
        }
