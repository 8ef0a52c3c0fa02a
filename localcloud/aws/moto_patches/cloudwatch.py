"""CloudWatch: composite alarms, which moto describes and can't make."""

import re
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_STATE_OF = re.compile(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*(\"[^\"]+\"|'[^']+'|[^\s()]+)\s*\)")
_METRIC, _COMPOSITE = "MetricAlarm", "CompositeAlarm"
_LISTS = {_METRIC: "MetricAlarms", _COMPOSITE: "CompositeAlarms"}


def combine_alarms() -> None:
    """Have PutCompositeAlarm, and DescribeAlarms tell the kinds apart. Rules are kept, not evaluated."""
    put, describe = CloudWatchResponse.put_metric_alarm, CloudWatchResponse.describe_alarms

    def put_composite_alarm(self: Any) -> ActionResult:
        rule = self._get_param("AlarmRule")
        alarms = self.cloudwatch_backend.alarms
        missing = sorted(name for name in _alarms_of(rule) if name not in alarms)
        if missing:
            raise ValidationError(
                f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do"
                " not exist"
            )
        answer: ActionResult = put(self)
        alarms[self._get_param("AlarmName")].alarm_rule = rule
        return answer

    def describe_alarms(self: Any) -> ActionResult:
        kinds = self._get_param("AlarmTypes") or [_METRIC]
        found = describe(self).result
        return ActionResult({name: (found[name] if kind in kinds else []) for kind, name in _LISTS.items()})

    CloudWatchResponse.put_composite_alarm = put_composite_alarm
    CloudWatchResponse.describe_alarms = describe_alarms


def _alarms_of(rule: str) -> set[str]:
    """Return the names of the alarms in a rule; an ARN counts by the name in it."""
    names = (found.strip("\"'") for found in _STATE_OF.findall(rule))
    return {name.split(":alarm:", 1)[1] if name.startswith("arn:") else name for name in names}
