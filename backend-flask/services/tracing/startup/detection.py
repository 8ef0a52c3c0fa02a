"""Where the process runs, as opentelemetry-sdk-extension-aws's detectors tell: ECS, EKS, Beanstalk, EC2."""

import importlib
import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.tracing.background import start_thread

DETECTION_MAX_SECONDS = 2.0
"""For all detectors together: they run side by side."""

_PACKAGE = "opentelemetry.sdk.extension.aws.resource"
_DETECTORS = {
    "aws_ecs": ("ecs", "AwsEcsResourceDetector"),
    "aws_eks": ("eks", "AwsEksResourceDetector"),
    "aws_elastic_beanstalk": ("beanstalk", "AwsBeanstalkResourceDetector"),
    "aws_ec2": ("ec2", "AwsEc2ResourceDetector"),
}
_EKS_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
_BEANSTALK_FILE = Path("/var/elasticbeanstalk/xray/environment.conf")
_ARN_FIELDS_OF_ECS = 6

_log = logging.getLogger(__name__)


def detect(wanted: tuple[str, ...] | None) -> dict[str, Any]:
    """Return the resource attributes of the place; empty where it is none of AWS's.

    `wanted` names detectors as OTEL_EXPERIMENTAL_RESOURCE_DETECTORS does. None is what this machine itself
    tells to be there: EC2 is left out, since only the network could tell. What fails or takes longer than
    `DETECTION_MAX_SECONDS` is a line in the log. A detector that comes later goes before the ones it follows.
    """
    names = _present() if wanted is None else tuple(name for name in wanted if name in _DETECTORS)
    runs = [_Run(name) for name in names]
    deadline = time.monotonic() + DETECTION_MAX_SECONDS
    found: dict[str, Any] = {}
    for run in runs:
        found.update(run.result(deadline))
    return _with_region(found)


def _present() -> tuple[str, ...]:
    signs = {
        "aws_ecs": bool(os.environ.get("ECS_CONTAINER_METADATA_URI_V4")),
        "aws_eks": _EKS_TOKEN.exists(),
        "aws_elastic_beanstalk": _BEANSTALK_FILE.exists(),
    }
    return tuple(name for name, is_there in signs.items() if is_there)


class _Run:
    """One detector in a thread of its own, whose calls make no spans."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done = threading.Event()
        self._found: Mapping[str, Any] = {}
        start_thread(f"tracing-detect-{name}", self._run)

    def _run(self) -> None:
        module, kind = _DETECTORS[self._name]
        try:
            detector = getattr(importlib.import_module(f"{_PACKAGE}.{module}"), kind)
            self._found = dict(detector(raise_on_error=True).detect().attributes)
        except Exception as error:  # noqa: BLE001 (where it runs is worth a line, not the tracing)
            _log.warning(
                "resource detector %s failed (%s: %s); leave it out of OTEL_EXPERIMENTAL_RESOURCE_DETECTORS"
                " where this isn't the place",
                self._name,
                type(error).__name__,
                error,
            )
        finally:
            self._done.set()

    def result(self, deadline: float) -> Mapping[str, Any]:
        """Return what was found until `deadline` (monotonic seconds), without what is empty."""
        if not self._done.wait(max(0.0, deadline - time.monotonic())):
            _log.warning(
                "resource detector %s did not answer within %s s; going on without it",
                self._name,
                DETECTION_MAX_SECONDS,
            )
            return {}
        return {name: value for name, value in self._found.items() if value not in ("", None)}


def _with_region(found: dict[str, Any]) -> dict[str, Any]:
    """Add region and account, which the ECS detector leaves within the task's ARN."""
    fields = str(found.get("aws.ecs.task.arn", "")).split(":")
    if len(fields) >= _ARN_FIELDS_OF_ECS:
        found.setdefault("cloud.region", fields[3])
        found.setdefault("cloud.account.id", fields[4])
    return found
