"""Which task definition was applied, as the service's state says: not always the newest of its family.

A run that was cut off may have registered one that its state never came to hold.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts import state
from scripts.deploy import calls
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from scripts.terragrunt.render import Unit

_TYPE = "aws_ecs_task_definition"


def definition(unit: Unit, *, local: bool) -> str | None:
    """Return the ARN of the task definition that the state of *unit*, the service's, holds; None for none.

    Raises OperatorError where the state can't be read.
    """
    content = calls.called(lambda: state.read_object(unit, unit.state_key), local=local)
    try:
        return parse(content) if content is not None else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorError(
            f"the state of {unit.name} in {unit.bucket} can't be read ({type(error).__name__})",
            remedy=f"look at s3://{unit.bucket}/{unit.state_key}, whose older versions the bucket has",
        ) from error


def parse(content: bytes) -> str | None:
    """Return the ARN of the one task definition of a state (version 4), None where it has none."""
    for resource in json.loads(content)["resources"]:
        if resource["mode"] == "managed" and resource["type"] == _TYPE:
            for instance in resource["instances"]:
                if "deposed" not in instance:
                    return str(instance["attributes"]["arn"])
    return None
