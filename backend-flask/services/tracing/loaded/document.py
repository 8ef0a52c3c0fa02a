"""What one worker loaded, as a document without any value of a parameter."""

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.tracing.key_values import TEAM_HEADER
from services.tracing.loaded.fingerprint import key_fingerprint
from services.tracing.resources import LoadedResources
from services.tracing.sending.otlp_target import Target
from services.tracing.startup.parameters import API_KEY
from xray.sampling import SamplingRule, wildcard_match

DOCUMENT_MAX_BYTES = 32 * 1024 - 64
"""Less than a log event's 256 KB. The 25 rules that an account may have, all at full length, are 14 KB."""

TASK_ARN = "aws.ecs.task.arn"

_SERVICE_NAME, _SERVICE_VERSION = "service.name", "service.version"


def where_it_runs(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the host's name and, on ECS, the task's id, by the resource's attributes."""
    task = str(attributes.get(TASK_ARN, "")).rpartition("/")[2]
    return {"host": platform.node() or None, "task": task or None}


def loaded_document(
    *,
    attributes: Mapping[str, Any],
    service_type: str,
    mode: str,
    parameter_path: str | None,
    resources: LoadedResources | None,
    rules: Iterable[SamplingRule],
    target: Target,
) -> dict[str, Any]:
    """Return the document; `attributes` are the resource's, `rules` those that SDKs obey, in their order.

    Parameters are told by version and date: SSM counts from 1 again where one was deleted. The key is told by
    version and fingerprint.
    """
    service_name = str(attributes.get(_SERVICE_NAME, ""))
    return {
        **where_it_runs(attributes),
        "version": str(attributes.get(_SERVICE_VERSION, "")),
        "service_name": service_name,
        "service_type": service_type,
        "mode": mode,
        "parameter_path": parameter_path,
        "parameters": {} if resources is None else _versions(resources),
        "key": _key(resources, target),
        "group": None if resources is None else _group(resources),
        "rules": [rule_document(rule, service_name, service_type) for rule in rules],
    }


def rule_document(rule: SamplingRule, service_name: str, service_type: str) -> dict[str, Any]:
    """Return a rule as loaded; `decides` tells whether requests of this service can fall under it."""
    decides = wildcard_match(rule.service_name, service_name)
    return {
        "name": rule.rule_name,
        "priority": rule.priority,
        "fixed_rate": rule.fixed_rate,
        "reservoir_size": rule.reservoir_size,
        "service_name": rule.service_name,
        "service_type": rule.service_type,
        "host": rule.host,
        "http_method": rule.http_method,
        "url_path": rule.url_path,
        "decides": decides and wildcard_match(rule.service_type, service_type),
    }


def within_bounds(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with `DOCUMENT_MAX_BYTES` of JSON at most; what is left out is told as such.

    First the rules of other services go, then all rules, then filter and parameters.
    """
    kept = dict(document)
    rules: Sequence[Mapping[str, Any]] = kept.get("rules") or ()
    steps: tuple[dict[str, Any], ...] = (
        {"rules": [rule for rule in rules if rule["decides"]]},
        {"rules": None},
        {"rules": None, "group": None, "parameters": {}},
    )
    for less in steps:
        if len(as_json(kept)) <= DOCUMENT_MAX_BYTES:
            return kept
        kept |= {**less, "is_cut": True}
    return kept


def as_json(document: Mapping[str, Any]) -> bytes:
    """Return a document as it is shared."""
    return json.dumps(document, separators=(",", ":")).encode()


def _versions(resources: LoadedResources) -> dict[str, dict[str, Any]]:
    return {
        name: {"version": parameter.version, "last_modified": parameter.last_modified}
        for name, parameter in sorted(resources.parameters.items())
    }


def _group(resources: LoadedResources) -> dict[str, str]:
    group = resources.group
    return {"name": group.name, "arn": group.arn, "filter_expression": group.filter_expression}


def _key(resources: LoadedResources | None, target: Target) -> dict[str, Any] | None:
    key = target.headers.get(TEAM_HEADER)
    if key is None:
        return None
    version = None
    if target.has_loaded_key and resources is not None:
        version = resources.parameters[API_KEY].version
    source = "variable" if version is None else "parameter"
    return {"source": source, "version": version, "fingerprint": key_fingerprint(key)}
