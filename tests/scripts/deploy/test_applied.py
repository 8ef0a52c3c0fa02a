"""The task definition that a state holds."""

from __future__ import annotations

import json

import pytest

from scripts.deploy import applied

KIND = {"mode": "managed", "type": "aws_ecs_task_definition"}
NEW = {"attributes": {"arn": "arn:new"}}
OLD = {"attributes": {"arn": "arn:old"}, "deposed": "0123abcd"}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([{**KIND, "instances": [NEW]}], "arn:new"),
        ([{**KIND, "instances": [OLD, NEW]}], "arn:new"),
        ([{**KIND, "instances": []}], None),
        ([{**KIND, "mode": "data", "instances": [NEW]}], None),
        ([{**KIND, "type": "aws_ecs_cluster", "instances": [NEW]}, {**KIND, "instances": [NEW]}], "arn:new"),
        ([], None),
    ],
)
def test_the_one_that_was_applied(resources: list[object], expected: str | None) -> None:
    """Neither one that is only read, nor a former one that could not be removed yet."""
    assert applied.parse(json.dumps({"resources": resources}).encode()) == expected
