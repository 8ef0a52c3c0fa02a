"""Three roles on the local cloud, and the units that say what the backend calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts.aws import Clients
from tests.scripts.iam.role_stage import (
    CALLS,
    NAME,
    NEVER_THE_KEY,
    READING,
    STATE_KEY,
    allowing,
    document,
    remove,
    s3_client,
    state,
    trust,
)
from tests.scripts.rendered import units_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_iam import IAMClient

    from scripts.environment import Environment
    from scripts.localcloud_process import LocalCloud
    from scripts.terragrunt.render import Unit


@pytest.fixture(scope="module")
def units(cloud: tuple[Path, LocalCloud]) -> dict[str, Unit]:
    """The rendered tracing units."""
    return units_on(cloud[1])


@pytest.fixture
def clients(local: Environment) -> Clients:
    """Clients made in this environment."""
    return Clients(local.variables["AWS_REGION"])


@pytest.fixture
def iam(units: dict[str, Unit], clients: Clients) -> Iterator[IAMClient]:
    """Three roles as unit access makes them, and its state; all is removed again."""
    client, s3, unit = clients.iam(), s3_client(), units["xray"]
    rights: dict[str, list[dict[str, Any]]] = {
        "task": allowing(CALLS),
        "plan": [READING, *NEVER_THE_KEY],
        "verify": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    policies = {role: document(*statements) for role, statements in rights.items()}
    for role, own in policies.items():
        client.create_role(RoleName=f"{NAME}-{role}", AssumeRolePolicyDocument=trust(f"{role}.amazonaws.com"))
        client.put_role_policy(RoleName=f"{NAME}-{role}", PolicyName="own", PolicyDocument=own)
    s3.create_bucket(Bucket=unit.bucket)
    s3.put_object(Bucket=unit.bucket, Key=STATE_KEY, Body=state(policies))
    try:
        yield client
    finally:
        for made in client.list_roles()["Roles"]:
            remove(client, made["RoleName"])
        for policy in client.list_policies(Scope="Local")["Policies"]:
            client.delete_policy(PolicyArn=policy["Arn"])
        s3.delete_object(Bucket=unit.bucket, Key=STATE_KEY)
        s3.delete_bucket(Bucket=unit.bucket)
