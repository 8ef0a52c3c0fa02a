"""The image parameter: which image is to be deployed, and which ones were. The registry's stack makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scripts.deploy import calls
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names

_MISSING = "ParameterNotFound"


def read(aws: Aws, names: Names, *, local: bool) -> str | None:
    """Return the parameter's value, None where there is no parameter. Raises OperatorError."""

    def call() -> str | None:
        found = aws.ssm.get_parameters(Names=[names.parameter])["Parameters"]
        return str(found[0]["Value"]) if found else None

    return calls.called(call, local=local)


def write(aws: Aws, names: Names, value: str, *, local: bool) -> None:
    """Give the parameter another value. Raises OperatorError, also where there is no such parameter."""
    if read(aws, names, local=local) is None:
        raise OperatorError(
            f"the parameter {names.parameter} does not exist", remedy="apply unit registry, which makes it"
        )
    calls.called(
        lambda: aws.ssm.put_parameter(Name=names.parameter, Value=value, Overwrite=True), local=local
    )


def history(aws: Aws, names: Names, *, local: bool) -> list[str]:
    """Return the values that the parameter has had, oldest first, a hundred at most.

    Raises OperatorError.
    """

    def call() -> list[str]:
        pages = aws.ssm.get_paginator("get_parameter_history").paginate(Name=names.parameter)
        try:
            found = [one for page in pages for one in page["Parameters"]]
        except ClientError as error:
            if calls.code(error) == _MISSING:
                return []
            raise
        return [str(one["Value"]) for one in sorted(found, key=lambda one: int(one["Version"]))]

    return calls.called(call, local=local)
