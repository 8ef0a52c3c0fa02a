"""What startup reads from AWS: the parameters (SSM), the group and the sampling rules (X-Ray).

Three calls, or more where a list has pages: parameters and rules side by side, then the group that a
parameter names. Failures are one line each, see aws_failures.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from opentelemetry.instrumentation.utils import suppress_instrumentation

from services.tracing.errors import ResourceError
from services.tracing.settings import TracingSettings
from services.tracing.startup.aws_client import make_clients
from services.tracing.startup.aws_failures import noting, text
from services.tracing.startup.parameters import GROUP_NAME, RULE_NAME, Parameter, ParameterReader
from xray.sampling import SamplingRule, ignored_by_sdks

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Group:
    """The X-Ray group."""

    name: str
    arn: str
    filter_expression: str


@dataclass(frozen=True, slots=True)
class LoadedResources:
    """All that was read. `parameters` has names relative to the path; `rules` is the account's whole list."""

    parameters: Mapping[str, Parameter]
    group: Group
    rules: tuple[SamplingRule, ...]
    loaded_at: str


def load(settings: TracingSettings) -> LoadedResources:
    """Read everything, bounded to a few seconds.

    Raises:
        ResourceError: a line for each thing that is missing, denied or unreachable, with the remedy.
    """
    problems: list[str] = []
    with suppress_instrumentation(), _threads() as submit:
        with noting(problems, "AWS", settings):
            ssm, xray = make_clients(settings, "ssm", "xray")
        if problems:
            raise ResourceError(problems)
        reading_rules = submit(lambda: _rules(xray))
        parameters = ParameterReader(settings, ssm).read(problems)
        group: Group | None = None
        if GROUP_NAME in parameters:
            name = parameters[GROUP_NAME].value
            with noting(problems, "xray:GetGroup", settings, name):
                group = _group(xray, name)
        rules: list[SamplingRule] = []
        with noting(problems, "xray:GetSamplingRules", settings):
            rules = reading_rules()
            if RULE_NAME in parameters:
                problems += _rule_problems(rules, parameters[RULE_NAME].value)
    if problems or group is None:
        raise ResourceError(dict.fromkeys(problems))
    return LoadedResources(parameters, group, tuple(rules), datetime.now(UTC).isoformat())


def _rule_problems(rules: list[SamplingRule], name: str) -> list[str]:
    rule = next((rule for rule in rules if rule.rule_name == name), None)
    if rule is None:
        return [
            f"sampling rule {name} does not exist: apply the configuration of this environment (make apply)"
        ]
    reason = ignored_by_sdks(rule)
    return [f"sampling rule {name} would be ignored: {reason}"] if reason else []


@contextmanager
def _threads() -> Iterator[Callable[[Callable[[], _Answer]], Callable[[], _Answer]]]:
    with ThreadPoolExecutor(1, thread_name_prefix="tracing-startup") as executor:

        def submit(call: Callable[[], _Answer]) -> Callable[[], _Answer]:
            def uninstrumented() -> _Answer:
                with suppress_instrumentation():
                    return call()

            return executor.submit(uninstrumented).result

        yield submit


def _group(xray: Any, name: str) -> Group:
    document = xray.get_group(GroupName=name)["Group"]
    return Group(
        text(document["GroupName"]), text(document["GroupARN"]), text(document.get("FilterExpression", ""))
    )


def _rules(xray: Any) -> list[SamplingRule]:
    pages = xray.get_paginator("get_sampling_rules").paginate()
    return [
        SamplingRule.from_api(record["SamplingRule"])
        for page in pages
        for record in page["SamplingRuleRecords"]
    ]
