"""Answers clients that report their sampling (source: the X-Ray API, GetSamplingTargets)."""

import math
from collections.abc import Callable
from typing import Any

from localcloud.aws.xray.boosts import SamplingBoosts
from localcloud.aws.xray.reservoirs import Reservoir
from localcloud.aws.xray.rules import RuleRecord, SamplingRules
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
        self._boosts = SamplingBoosts()

    def report(self, documents: list[dict[str, Any]], boosts: list[dict[str, Any]]) -> dict[str, Any]:
        """Take reports and return the API's result: a target for each, or why it wasn't taken.

        LastRuleModification is rounded up to a whole second: SDKs compare whole seconds, and a change in
        the second of their last fetch would be lost to them.
        """
        refused_boosts: list[dict[str, str]] = []
        for boost in boosts:
            known = self._checked(boost, refused_boosts)
            if known is not None:
                self._boosts.report(boost, known, self._clock())
        targets: list[dict[str, Any]] = []
        unprocessed: list[dict[str, str]] = []
        for document in documents:
            known = self._checked(document, unprocessed)
            if known is not None:
                self._statistics.add(document)
                targets.append(self._target(document["ClientID"], known))
        result: dict[str, Any] = {
            "SamplingTargetDocuments": targets,
            "LastRuleModification": float(math.ceil(self._rules.last_modification)),
            "UnprocessedStatistics": unprocessed,
        }
        if boosts:
            result["UnprocessedBoostStatistics"] = refused_boosts
        return result

    def forget(self, rule_name: str) -> None:
        """Forget the leases and boosts of a rule that was deleted."""
        self._reservoirs.pop(rule_name, None)
        self._boosts.forget(rule_name)

    def _checked(self, document: dict[str, Any], refused: list[dict[str, str]]) -> RuleRecord | None:
        """Return the rule that a report is of; what is wrong with the report goes to `refused`."""
        record = self._rules.get(document["RuleName"])
        problem = self._problem(document, record)
        if problem is None:
            return record
        refused.append({"RuleName": document["RuleName"], "ErrorCode": UNPROCESSED_CODE, "Message": problem})
        return None

    def _problem(self, document: dict[str, Any], record: RuleRecord | None) -> str | None:
        if record is None:
            return f"Sampling rule does not exist: {document['RuleName']}"
        age = self._clock() - document["Timestamp"]
        if age > REPORT_MAX_AGE_SECONDS:
            return f"Timestamp is older than {REPORT_MAX_AGE_SECONDS} seconds"
        if age < -REPORT_MAX_AHEAD_SECONDS:
            return f"Timestamp is more than {REPORT_MAX_AHEAD_SECONDS} seconds in the future"
        return None

    def _target(self, client_id: str, record: RuleRecord) -> dict[str, Any]:
        name, now = record.rule.rule_name, self._clock()
        target: dict[str, Any] = {
            "RuleName": name,
            "FixedRate": record.rule.fixed_rate,
            "Interval": INTERVAL_SECONDS,
        }
        lease = self._reservoirs.setdefault(name, Reservoir()).lease(
            client_id, record.rule.reservoir_size, now
        )
        if lease is not None:
            target["ReservoirQuota"] = lease.quota
            target["ReservoirQuotaTTL"] = float(lease.expires_at)
        boost = self._boosts.now_for(name, now)
        if boost is not None:
            target["SamplingBoost"] = boost.to_api()
        return target
