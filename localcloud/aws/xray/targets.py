"""Answers clients that report their sampling (source: the X-Ray API, GetSamplingTargets)."""

import math
from collections.abc import Callable
from typing import Any

from localcloud.aws.xray.reservoirs import Reservoir
from localcloud.aws.xray.rules import SamplingRules
from localcloud.aws.xray.statistics import SamplingStatistics

INTERVAL_SECONDS = 10
REPORT_MAX_AGE_SECONDS = 15 * 60
REPORT_MAX_AHEAD_SECONDS = 5 * 60
UNPROCESSED_CODE = "InvalidRequestException"


class SamplingTargets:
    """Divides the reservoirs of one account's and region's rules."""

    def __init__(
        self, rules: SamplingRules, statistics: SamplingStatistics, clock: Callable[[], float]
    ) -> None:
        self._rules = rules
        self._statistics = statistics
        self._clock = clock
        self._reservoirs: dict[str, Reservoir] = {}

    def report(self, documents: list[dict[str, Any]], boosts: list[dict[str, Any]]) -> dict[str, Any]:
        """Take reports and return the API's result: a target for each, or why it wasn't taken.

        LastRuleModification is rounded up to a whole second: SDKs compare whole seconds, and a change in
        the second of their last fetch would be lost to them.
        """
        targets, unprocessed = [], []
        for document in documents:
            problem = self._problem(document)
            if problem is None:
                self._statistics.add(document)
                targets.append(self._target(document))
            else:
                unprocessed.append(_unprocessed(document, problem))
        result: dict[str, Any] = {
            "SamplingTargetDocuments": targets,
            "LastRuleModification": float(math.ceil(self._rules.last_modification)),
            "UnprocessedStatistics": unprocessed,
        }
        refused = [(boost, self._problem(boost)) for boost in boosts]
        if boosts:
            result["UnprocessedBoostStatistics"] = [
                _unprocessed(boost, problem) for boost, problem in refused if problem is not None
            ]
        return result

    def forget(self, rule_name: str) -> None:
        """Forget the leases of a rule that was deleted."""
        self._reservoirs.pop(rule_name, None)

    def _problem(self, document: dict[str, Any]) -> str | None:
        if self._rules.get(document["RuleName"]) is None:
            return f"Sampling rule does not exist: {document['RuleName']}"
        age = self._clock() - document["Timestamp"]
        if age > REPORT_MAX_AGE_SECONDS:
            return f"Timestamp is older than {REPORT_MAX_AGE_SECONDS} seconds"
        if age < -REPORT_MAX_AHEAD_SECONDS:
            return f"Timestamp is more than {REPORT_MAX_AHEAD_SECONDS} seconds in the future"
        return None

    def _target(self, document: dict[str, Any]) -> dict[str, Any]:
        name = document["RuleName"]
        record = self._rules.find(name, None)
        reservoir = self._reservoirs.setdefault(name, Reservoir())
        lease = reservoir.lease(document["ClientID"], record.rule.reservoir_size, self._clock())
        return {
            "RuleName": name,
            "FixedRate": record.rule.fixed_rate,
            "ReservoirQuota": lease.quota,
            "ReservoirQuotaTTL": float(lease.expires_at),
            "Interval": INTERVAL_SECONDS,
        }


def _unprocessed(document: dict[str, Any], message: str) -> dict[str, str]:
    return {"RuleName": document["RuleName"], "ErrorCode": UNPROCESSED_CODE, "Message": message}
