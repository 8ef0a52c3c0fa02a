"""What startup reads from AWS: the parameters (SSM), the group and the sampling rules (X-Ray).

Three calls, or more where a list has pages: parameters and rules side by side, then the group that a
parameter names. Failures are one line each, see aws_failures.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from opentelemetry.instrumentation.utils import suppress_instrumentation

from services.tracing.aws_failures import UNREADABLE, describe
from services.tracing.errors import ResourceError
from services.tracing.settings import TracingSettings
from services.tracing.settings_reader import http_url
from xray.sampling import SamplingRule, ignored_by_sdks

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 3
ATTEMPTS_MAX = 2

API_KEY = "honeycomb/api-key"
ENDPOINT = "honeycomb/endpoint"
DATASET = "honeycomb/dataset"
GROUP_NAME = "xray/group-name"
RULE_NAME = "xray/sampling-rule-name"
TEAM_HEADER = "x-honeycomb-team"
DATASET_HEADER = "x-honeycomb-dataset"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its value, out of `repr` because one is a key, and which version that is."""

    value: str = field(repr=False)
    version: int
    last_modified: str


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
        with _noting(problems, "AWS", settings):
            ssm, xray = _clients(settings)
        if problems:
            raise ResourceError(problems)
        reading_rules = submit(lambda: _rules(xray))
        parameters: dict[str, Parameter] = {}
        with _noting(problems, "ssm:GetParametersByPath", settings):
            parameters = _parameters(ssm, settings)
            problems += missing_parameters(parameters, settings)
        group: Group | None = None
        if GROUP_NAME in parameters:
            name = parameters[GROUP_NAME].value
            with _noting(problems, "xray:GetGroup", settings, name):
                group = _group(xray, name)
        rules: list[SamplingRule] = []
        with _noting(problems, "xray:GetSamplingRules", settings):
            rules = reading_rules()
            if RULE_NAME in parameters:
                problems += _rule_problems(rules, parameters[RULE_NAME].value)
    if problems or group is None:
        raise ResourceError(dict.fromkeys(problems))
    return LoadedResources(parameters, group, tuple(rules), datetime.now(UTC).isoformat())


def missing_parameters(parameters: Mapping[str, Parameter], settings: TracingSettings) -> list[str]:
    """Return a line for each parameter that is needed and missing, or unusable as it is.

    One whose part an explicit OTEL variable plays isn't needed.
    """
    headers = {name.lower() for name in settings.otlp_headers}
    needed = {GROUP_NAME, RULE_NAME}
    if settings.otlp_traces_url is None:
        needed |= {ENDPOINT} if TEAM_HEADER in headers else {ENDPOINT, API_KEY, DATASET}
    path = settings.parameter_path
    region = settings.region or "the AWS profile's"
    problems = [
        f"parameter {path}/{name} is missing: apply the configuration of this environment (make apply),"
        f" or correct TRACING_PARAMETER_PATH or AWS_REGION ({region})"
        for name in sorted(needed - set(parameters))
    ]
    problems += [
        f"parameter {path}/{name} holds no usable value ({reason}): write it again"
        for name in sorted(needed & set(parameters))
        if (reason := _why_unusable(name, parameters[name].value))
    ]
    return problems


def _why_unusable(name: str, value: str) -> str:
    """Return why a parameter can't be used, without repeating it; empty where it can."""
    if not (value and value.isascii() and value.isprintable() and value.strip() == value):
        return "empty, or with characters that no header takes"
    if name == ENDPOINT:
        try:
            http_url(value)
        except ValueError as error:
            return str(error)
    return ""


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


@contextmanager
def _noting(problems: list[str], action: str, settings: TracingSettings, thing: str = "") -> Iterator[None]:
    """Turn a failed AWS call into a line; an answer that lacks what AWS's have is a failure too."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError, *UNREADABLE) as error:
        problems.append(describe(error, action, settings, thing))


def _clients(settings: TracingSettings) -> tuple[Any, Any]:
    """Return clients for SSM and X-Ray.

    botocore is imported here: before gevent patches the standard library it must not be.
    """
    import botocore.session
    from botocore.config import Config

    session = botocore.session.Session()
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": ATTEMPTS_MAX, "mode": "standard"},
    )
    endpoints = (("ssm", settings.ssm_endpoint_url), ("xray", settings.xray_endpoint_url))
    ssm, xray = (
        session.create_client(name, region_name=settings.region, endpoint_url=url, config=config)
        for name, url in endpoints
    )
    return ssm, xray


def _parameters(ssm: Any, settings: TracingSettings) -> dict[str, Parameter]:
    path = f"{settings.parameter_path}/"
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=settings.parameter_path, Recursive=True, WithDecryption=True
    )
    return {
        _text(document["Name"]).removeprefix(path): Parameter(
            _text(document["Value"]), int(document["Version"]), document["LastModifiedDate"].isoformat()
        )
        for page in pages
        for document in page["Parameters"]
    }


def _group(xray: Any, name: str) -> Group:
    document = xray.get_group(GroupName=name)["Group"]
    return Group(
        _text(document["GroupName"]), _text(document["GroupARN"]), _text(document.get("FilterExpression", ""))
    )


def _rules(xray: Any) -> list[SamplingRule]:
    pages = xray.get_paginator("get_sampling_rules").paginate()
    return [
        SamplingRule.from_api(record["SamplingRule"])
        for page in pages
        for record in page["SamplingRuleRecords"]
    ]


def _text(value: Any) -> str:
    """Return a value that must be text: botocore passes on whatever the JSON holds."""
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value
