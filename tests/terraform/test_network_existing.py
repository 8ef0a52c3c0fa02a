"""Unit network with a VPC that exists: used and left as it is, refused where it does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.terraform import modules
from tests.terraform.existing_vpc import Existing
from tests.terraform.test_network import LOCAL, UNIT, apply, outputs, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terraform.cloud import Cloud
    from tests.terraform.commands import Tree


@pytest.fixture
def at_cloud(tree: Tree, cloud: Cloud, shared_provider: dict[str, str]) -> Tree:
    """The tree, at an empty AWS."""
    cloud.reset()
    return tree.with_variables(**shared_provider, AWS_ENDPOINT_URL=cloud.endpoint)


def test_an_existing_vpc_is_used_and_left(at_cloud: Tree, cloud: Cloud) -> None:
    """Nothing is made, nothing goes; the outputs are its ids. Another network in its place is refused."""
    there, other = Existing(cloud), Existing(cloud, "10.98.0.0/16")
    at_cloud.edit(LOCAL, "locals {\n", f"locals {{\n  {there.setting()}\n")
    apply(at_cloud)
    assert len(cloud.client("ec2").describe_vpcs()["Vpcs"]) == 3  # AWS's own default VPC too
    assert outputs(at_cloud) == {
        "vpc_id": there.id,
        "vpc_cidr": "10.99.0.0/16",
        "public_subnet_ids": sorted(there.public),
        "private_subnet_ids": sorted(there.private),
        "zones": ["us-east-1a", "us-east-1b"],
    }
    at_cloud.edit(LOCAL, there.setting(), "")
    assert f"existing is null, and the network is that of {there.id}: set that again" in refused(at_cloud)
    at_cloud.edit(LOCAL, "locals {\n", f"locals {{\n  {other.setting()}\n")
    assert f"existing is {other.id}, and the network is that of {there.id}: " in refused(at_cloud)
    assert at_cloud.terragrunt(UNIT, "destroy", "-auto-approve").code == 0
    assert len(cloud.client("ec2").describe_subnets(SubnetIds=there.public)["Subnets"]) == 2


def test_an_existing_vpc_that_does_not_fit_is_refused(
    cloud: Cloud, shared_provider: dict[str, str], tmp_path: Path
) -> None:
    """Other VPCs' subnets, missing ones, one zone, small ones: one line each, with the ids."""
    cloud.reset()
    there, other = Existing(cloud), Existing(cloud, "10.98.0.0/16")
    missing = "subnet-0123456789abcdef0"
    cases = {
        "foreign": there.inputs(public_subnet_ids=[there.public[0], other.public[1]]),
        "missing": there.inputs(private_subnet_ids=[there.private[0], missing]),
        "nowhere": there.inputs(vpc_id="vpc-0123456789abcdef0"),
        "zone": there.inputs(private_subnet_ids=[there.private[0], there.subnet("a")]),
        "small": there.inputs(public_subnet_ids=[there.public[0], there.subnet("b")]),
    }
    done = modules.plan(tmp_path, "network", cases, shared_provider)
    assert done.code == 1
    [found] = modules.told(done).values()
    assert len(found) == 6
    for expected in (
        f"existing.public_subnet_ids: {other.public[1]} not found in {there.id}",
        f"existing.private_subnet_ids: {missing} not found in {there.id}",
        f"existing.public_subnet_ids: {', '.join(sorted(there.public))} not found in vpc-0123456789abcdef0",
        f"existing.private_subnet_ids: {', '.join(sorted(there.private))} not found in vpc-0123456789abcdef0",
        "must each lie in two zones or more",
        "a load balancer needs subnets of /27 or larger",
    ):
        assert len([one for one in found if expected in one]) == 1, expected
