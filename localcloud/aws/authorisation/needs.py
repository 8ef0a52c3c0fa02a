"""What authorisation asks: an action, a resource, and what is known beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ANY_RESOURCE = "*"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a call comes from and goes to."""

    partition: str
    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in the caller's region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource that is in no region."""
        return f"arn:{self.partition}:{service}::{self.account_id}:{resource}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One action on one resource; `context` holds condition keys of the service's own.

    `by_resource`: the resource's own policy allows it to whoever may do the call, so that only a Deny counts.
    """

    action: str
    resource: str = ANY_RESOURCE
    context: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    by_resource: bool = False

    @property
    def resource_account(self) -> str:
        """The account in the resource's ARN, empty where it has none."""
        parts = self.resource.split(":", 5)
        return parts[4] if len(parts) == 6 else ""


def text(value: object) -> str:
    """Return a parameter that should be text; empty where it is anything else."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> list[str]:
    """Return the texts of a parameter that should be a list of them."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def members(parameters: Mapping[str, object], name: str) -> list[str]:
    """Return the texts of a list, whichever way the protocol has it.

    JSON has a list, a form has Name.member.1 and so on, EC2 leaves `member` out.
    """
    found = texts(parameters.get(name))
    if found:
        return found
    numbered = (
        (key.removeprefix(f"{name}.").removeprefix("member."), key)
        for key in parameters
        if key.startswith(f"{name}.")
    )
    ordered = sorted((int(number), key) for number, key in numbered if number.isdecimal())
    return [text(parameters[key]) for _, key in ordered]


def has_member(parameters: Mapping[str, object], name: str) -> bool:
    """Tell whether a list or structure is there and not empty, whichever way the protocol has it."""
    return bool(parameters.get(name)) or any(key.startswith(f"{name}.") for key in parameters)
