"""Tokens that no page gave."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.tokens import read_token, write_token
from tests.localcloud.aws.fuzzing import MODEL, PATHS
from tests.localcloud.aws.hostile import example
from tests.localcloud.aws.raw import send
from tests.localcloud.aws.segments import START, make_segment, make_trace_id, put

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint

SHAPES: dict[str, Any] = {name: MODEL.operation_model(name).input_shape for name in MODEL.operation_names}
PAGED = [name for name, shape in SHAPES.items() if "NextToken" in shape.members]


@pytest.mark.parametrize("name", PAGED)
def test_an_empty_token(endpoint: Endpoint, name: str) -> None:
    """An empty token is refused wherever there are pages, null is none."""
    request = example(SHAPES[name])
    body = json.dumps({**request, "NextToken": ""}).encode()
    answer = send(endpoint.port, "POST", PATHS[name], body)
    assert (answer.status, answer.code) == (400, "InvalidRequestException")
    assert (
        "NextToken is invalid" in answer.document()["Message"]
        or "'nextToken'" in answer.document()["Message"]
    )
    without = send(endpoint.port, "POST", PATHS[name], json.dumps({**request, "NextToken": None}).encode())
    assert b"oken is invalid" not in without.body
    assert b"'nextToken'" not in without.body


def _changed(token: str, **places: Any) -> str:
    parts = json.loads(base64.urlsafe_b64decode(token))
    for place, part in places.items():
        parts[int(place.removeprefix("part"))] = part
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def test_a_token_names_a_trace(xray: XRayClient) -> None:
    """A token of GetTraceSummaries goes on after a trace's id and its second, and after nothing else."""
    ids = [make_trace_id() for _ in range(101)]
    put(xray, map(make_segment, ids))
    request: dict[str, Any] = {"StartTime": START, "EndTime": START + 60}
    token = xray.get_trace_summaries(**request)["NextToken"]
    assert len(xray.get_trace_summaries(**request, NextToken=_changed(token))["TraceSummaries"]) == 1
    for wrong in (
        _changed(token, part3="\ud800"),
        _changed(token, part3="\0"),
        _changed(token, part3=""),
        _changed(token, part3=f"{ids[0]}\n"),
        _changed(token, part2=int(START) + 1),
        _changed(token, part2=2**63 - 1),
        _changed(token, part2=True),
        _changed(token, part1="\ud800"),
        _changed(token, part0="\ud800"),
    ):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="The NextToken is invalid"):
            xray.get_trace_summaries(**request, NextToken=wrong)


def test_half_of_a_surrogate_pair_is_in_no_token() -> None:
    """No text of a token holds one, whatever the operation does with it."""
    assert read_token("List", write_token("List", "é", 5), str, int) == ["é", 5]
    with pytest.raises(InvalidRequestError, match="NextToken"):
        read_token("List", write_token("List", "\udfff", 5), str, int)
