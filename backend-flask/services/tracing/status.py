"""The document of /health/tracing: what this worker loaded, decided, sent and dropped. Never a value."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.tracing.loaded.teller import workers_loaded
from services.tracing.resources import LoadedResources
from services.tracing.sending.worker_counts import workers_status, workers_texts
from services.tracing.session import Session
from services.tracing.worker_id import worker_id


def make_status(
    *,
    mode: str,
    required: bool,
    started_at: str | None,
    problems: Sequence[str],
    session: Session | None,
    capacity: int,
) -> dict[str, Any]:
    """Return the document; what is not loaded or not running is null or empty.

    `capacity` is how many spans the queue will hold.
    """
    resources = session.resources if session else None
    return {
        "worker": {"id": worker_id(), "pid": os.getpid(), "started_at": started_at},
        "loaded_at": resources.loaded_at if resources else None,
        "required": required,
        "mode": mode,
        "service_name": session.service_name if session else None,
        "parameters": _parameters(resources),
        "group": _group(resources),
        "rules": _rules(session),
        "problems": [*problems, *(session.problems() if session else ())],
        "sinks": _sinks(session),
        "otlp": _otlp(session),
        "queue": session.pipeline.status() if session else _empty_queue(capacity),
        "workers": workers_status(),
        "probes": session.probes.status() if session else None,
        "loaded": workers_loaded(session.teller.told if session else None, workers_texts(), os.getpid()),
    }


def _empty_queue(capacity: int) -> dict[str, Any]:
    return {"size": 0, "capacity": capacity, "recorded": 0, "dropped": 0, "causes": {}}


def _parameters(resources: LoadedResources | None) -> dict[str, Any]:
    if resources is None:
        return {}
    return {
        name: {"version": parameter.version, "last_modified": parameter.last_modified}
        for name, parameter in sorted(resources.parameters.items())
    }


def _group(resources: LoadedResources | None) -> dict[str, str] | None:
    if resources is None:
        return None
    group = resources.group
    return {"name": group.name, "arn": group.arn, "filter_expression": group.filter_expression}


def _rules(session: Session | None) -> list[dict[str, Any]]:
    if session is None or session.rules is None:
        return []
    rules = []
    for state in session.rules.states():
        rule = dict(state.status())
        if rule["quota_expires_at"] is not None:
            rule["quota_expires_at"] = datetime.fromtimestamp(rule["quota_expires_at"], UTC).isoformat()
        rules.append(rule)
    return rules


def _otlp(session: Session | None) -> dict[str, bool] | None:
    """Return whether spans go where the parameters say; the address itself is told to nobody."""
    target = None if session is None else session.otlp_target
    return None if target is None else {"is_loaded_endpoint": target.is_loaded_endpoint}


def _sinks(session: Session | None) -> dict[str, Any]:
    if session is None:
        return {}
    return {name: sink.counters.status() for name, sink in session.sinks.items()}
