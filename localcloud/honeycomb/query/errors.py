"""Errors of the query language.

QueryError    the specification can't be a query; it has every problem found
QueryFailed   the query is a query, but can't be answered over these events
"""

from collections.abc import Sequence
from dataclasses import dataclass

INVALID = "invalid"
MISSING = "missing"
INCORRECT_TYPE = "incorrect_type"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; its members are those of `type_detail` in Honeycomb's validation errors.

    field: where, as a path such as `filters[0].op`.
    code: invalid, missing or incorrect_type (reference: Honeycomb API, ValidationError).
    description: what was expected.
    """

    field: str
    code: str
    description: str


class QueryError(Exception):
    """A specification that is no query; `problems` has at least one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{problem.field}: {problem.description}" for problem in problems))


class QueryFailed(Exception):
    """A query that can't be answered: Honeycomb says so in the result's `error`, with status 200."""
