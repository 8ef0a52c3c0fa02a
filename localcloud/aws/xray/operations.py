"""X-Ray's operations as botocore's service model lists them. All are POST."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `method` names what answers it in `XRayResponse`."""

    name: str
    method: str
    input_shape: Shape | None


@cache
def _service_model() -> Any:
    return botocore.session.get_session().get_service_model("xray")


def _operations() -> dict[str, Operation]:
    model = _service_model()
    operations = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        method = _BOUNDARY.sub("_", name).lower()
        operations[operation.http["requestUri"]] = Operation(name, method, operation.input_shape)
    return operations


OPERATIONS: dict[str, Operation] = _operations()
"""The operations by path."""
