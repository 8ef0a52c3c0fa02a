"""How far a request is looked at that is wrong in very many places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from localcloud.aws.shapes import PROBLEMS_MAX, ShapeChecker

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = botocore.session.get_session().get_service_model("xray")


class _Untouched(list[Any]):
    """A list that nobody may go through."""

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("somebody looked into the list")


class _Counting(list[Any]):
    """A list that counts how much of it was looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.looked_at += 1
            yield item


def _problems(operation: str, request: dict[str, Any], *, limits: bool = True) -> str | None:
    checker = ShapeChecker(limits=limits)
    checker.structure(MODEL.operation_model(operation).input_shape, request)
    return checker.message


@pytest.mark.parametrize(
    ("operation", "request_", "place"),
    [
        ("GetSamplingTargets", {"SamplingStatisticsDocuments": _Untouched([{}] * 26)}, "25"),
        ("UntagResource", {"ResourceARN": "x", "TagKeys": _Untouched([""] * 201)}, "200"),
    ],
)
def test_a_list_of_a_forbidden_length(operation: str, request_: dict[str, Any], place: str) -> None:
    """Its length is the one problem: what is in it isn't looked at."""
    message = _problems(operation, request_)
    assert message is not None
    assert message.startswith("1 validation error detected: ")
    assert message.endswith(f"Member must have length less than or equal to {place}")


def test_a_map_of_a_forbidden_length() -> None:
    """Its length is the one problem."""
    changes = {"Attributes": dict.fromkeys("abcdef", 1)}
    message = _problems("UpdateSamplingRule", {"SamplingRuleUpdate": changes})
    assert message is not None
    assert message.startswith("1 validation error detected: ")
    assert message.endswith("Member must have length less than or equal to 5")


@pytest.mark.parametrize("limits", [True, False])
@pytest.mark.parametrize("item", [5, None, {}, {"Timestamp": "x"}])
def test_very_many_problems(limits: bool, item: Any) -> None:
    """The check ends when it has found enough, and says that there may be more."""
    records = _Counting([item] * 1_000_000)
    message = _problems("PutTelemetryRecords", {"TelemetryRecords": records}, limits=limits)
    assert message is not None
    assert message.startswith(f"{PROBLEMS_MAX} or more validation errors detected: ")
    assert len(message) < 2000
    assert records.looked_at <= PROBLEMS_MAX + 1


def test_few_problems_are_counted() -> None:
    """Below that the number is exact."""
    message = _problems("PutTelemetryRecords", {"TelemetryRecords": [5] * (PROBLEMS_MAX - 1)})
    assert message is not None
    assert message.startswith(f"{PROBLEMS_MAX - 1} validation errors detected: ")
