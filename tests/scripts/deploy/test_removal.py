"""What a state holds, as far as a destroy asks."""

from __future__ import annotations

import json

import pytest

from scripts.deploy.removal import has_resources

RESOURCE = {"mode": "managed", "type": "aws_ecs_cluster", "instances": [{"attributes": {}}]}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([RESOURCE], True),
        ([], False),
        ([{**RESOURCE, "mode": "data"}], False),
        ([{**RESOURCE, "instances": []}], False),
        ([{**RESOURCE, "mode": "data"}, RESOURCE], True),
    ],
)
def test_data_that_was_only_read_is_no_resource(resources: list[object], expected: bool) -> None:
    """Neither is one of which there are no instances."""
    assert has_resources(json.dumps({"resources": resources}).encode()) is expected


def test_without_a_state_there_is_nothing() -> None:
    """The unit was never applied."""
    assert not has_resources(None)
