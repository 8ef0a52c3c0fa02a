"""The parameters of the backend in SSM: which are needed, whether they can be used, and reading them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.tracing.key_values import TEAM_HEADER
from services.tracing.settings import COLLECTOR, TracingSettings, traces_url
from services.tracing.settings_reader import http_url
from services.tracing.startup.aws_failures import noting, text

API_KEY = "honeycomb/api-key"
ENDPOINT = "honeycomb/endpoint"
DATASET = "honeycomb/dataset"
OF_HONEYCOMB = frozenset({API_KEY, ENDPOINT, DATASET})
GROUP_NAME = "xray/group-name"
RULE_NAME = "xray/sampling-rule-name"
DATASET_HEADER = "x-honeycomb-dataset"

_NAMES_MAX_PER_CALL = 10


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its value, out of `repr` because one is a key, and which version that is."""

    value: str = field(repr=False)
    version: int
    last_modified: str


class ParameterReader:
    """Reads what is below the parameter path with `ssm`, botocore's client."""

    def __init__(self, settings: TracingSettings, ssm: Any) -> None:
        self._settings = settings
        self._ssm = ssm

    def read(self, problems: list[str]) -> dict[str, Parameter]:
        """Return the parameters by their names relative to the path.

        Adds a line to `problems` for each thing that is missing, unusable, denied or unreachable.
        """
        parameters: dict[str, Parameter] = {}
        with noting(problems, "ssm:GetParametersByPath", self._settings):
            parameters = self._decrypted() if has_loaded_key(self._settings) else self._without_key()
            problems += missing_parameters(parameters, self._settings)
        return parameters

    def _decrypted(self) -> dict[str, Parameter]:
        return {name: self._parameter(document) for name, document in self._pages(is_decrypted=True).items()}

    def _without_key(self) -> dict[str, Parameter]:
        """Return the parameters; Honeycomb's key, which isn't needed, is neither decrypted nor returned."""
        documents = self._pages(is_decrypted=False)
        secret = [name for name, document in documents.items() if document.get("Type") == "SecureString"]
        for name in secret:
            del documents[name]
        others = [f"{self._settings.parameter_path}/{name}" for name in secret if name != API_KEY]
        for first in range(0, len(others), _NAMES_MAX_PER_CALL):
            names = others[first : first + _NAMES_MAX_PER_CALL]
            answer = self._ssm.get_parameters(Names=names, WithDecryption=True)
            documents |= self._by_name(answer["Parameters"])
        return {name: self._parameter(document) for name, document in documents.items()}

    def _pages(self, *, is_decrypted: bool) -> dict[str, Any]:
        pages = self._ssm.get_paginator("get_parameters_by_path").paginate(
            Path=self._settings.parameter_path, Recursive=True, WithDecryption=is_decrypted
        )
        return self._by_name(document for page in pages for document in page["Parameters"])

    def _by_name(self, documents: Any) -> dict[str, Any]:
        path = f"{self._settings.parameter_path}/"
        return {text(document["Name"]).removeprefix(path): document for document in documents}

    @staticmethod
    def _parameter(document: Any) -> Parameter:
        return Parameter(
            text(document["Value"]), int(document["Version"]), document["LastModifiedDate"].isoformat()
        )


def explicit_headers(settings: TracingSettings) -> dict[str, str]:
    """Return the headers of OTEL_EXPORTER_OTLP_HEADERS, their names in lower case."""
    return {name.lower(): value for name, value in settings.otlp_headers.items()}


def takes_parameters(settings: TracingSettings) -> bool:
    """Tell whether Honeycomb's parameters count: a collector knows by itself where spans go on to."""
    return settings.mode != COLLECTOR


def has_loaded_key(settings: TracingSettings) -> bool:
    """Tell whether Honeycomb's key may be a parameter's."""
    return takes_parameters(settings) and TEAM_HEADER not in explicit_headers(settings)


def missing_parameters(parameters: Mapping[str, Parameter], settings: TracingSettings) -> list[str]:
    """Return a line for each parameter that is needed and missing, or unusable as it is.

    One whose part an explicit OTEL variable plays isn't needed.
    """
    needed = _needed(parameters, settings)
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


def _needed(parameters: Mapping[str, Parameter], settings: TracingSettings) -> set[str]:
    needed = {GROUP_NAME, RULE_NAME}
    if not takes_parameters(settings):
        return needed
    url = settings.otlp_traces_url
    if url is None:
        return needed | ({ENDPOINT, API_KEY, DATASET} if has_loaded_key(settings) else {ENDPOINT})
    is_named = ENDPOINT in parameters and traces_url(parameters[ENDPOINT].value) == url
    return needed | ({API_KEY} if is_named and has_loaded_key(settings) else set())


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
