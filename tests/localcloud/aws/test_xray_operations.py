"""Every operation of X-Ray's model is answered, and docs/local-cloud.md says so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from localcloud.aws.xray.exceptions import XRayError
from localcloud.aws.xray.operations import OPERATIONS
from localcloud.aws.xray.responses import XRayResponse
from tests.localcloud.aws.raw import send

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint

MODEL = botocore.session.get_session().get_service_model("xray")
DOCUMENT = Path(__file__).parents[3] / "docs" / "local-cloud.md"
METHODS = {operation.name: operation.method for operation in OPERATIONS.values()}


def _listed() -> list[str]:
    """Return the operations in the table of the document, in its order."""
    _, _, section = DOCUMENT.read_text().partition("### X-Ray operations\n")
    rows = re.findall(r"^\| (\w+(?:, \w+)*) \|", section.partition("\n### ")[0], re.MULTILINE)
    return [name for row in rows for name in row.split(", ") if name != "operations"]


def test_the_document_lists_every_operation_once() -> None:
    """The table names each operation of botocore's model exactly once, and no other."""
    assert sorted(_listed()) == sorted(MODEL.operation_names)
    assert f"All {len(MODEL.operation_names)} operations" in DOCUMENT.read_text()


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_every_operation_is_answered(name: str) -> None:
    """There is an answer to each operation that the document lists."""
    assert name in _listed()
    assert callable(getattr(XRayResponse, METHODS[name], None)), f"{name} has no answer"


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_every_operation_is_at_its_path(endpoint: Endpoint, name: str) -> None:
    """An empty request to each is answered, or refused for what it lacks; none is unknown."""
    operation: Any = MODEL.operation_model(name)
    answer = send(endpoint.port, "POST", operation.http["requestUri"], b"{}")
    required = operation.input_shape.required_members
    if answer.status != 200:
        assert (answer.status, answer.code) == (400, "InvalidRequestException")
        message = answer.document()["Message"]
        assert "isn't available" not in message
        assert not required or "Member must not be null" in message
    else:
        assert required == []
        assert answer.document().keys() <= set(operation.output_shape.members)


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_errors_are_of_the_model(name: str) -> None:
    """The statuses of X-Ray's errors are the model's, 400 where it has none."""
    errors: list[type[XRayError]] = [XRayError, *XRayError.__subclasses__()]
    known = {error.code: error.status for error in errors}
    for shape in MODEL.operation_model(name).error_shapes:
        if shape.name != "ThrottledException":
            status = shape.metadata.get("error", {}).get("httpStatusCode", 400)
            assert known[shape.name] == status, shape.name
