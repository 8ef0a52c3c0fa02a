"""A VPC that somebody made, for unit network to use."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.terraform.cloud import Cloud

NAMED = {"name": "n", "account_id": "123456789012", "flow_logs_group_name": "/f"}


class Existing:
    """A VPC of range *cidr* with subnets in two zones, at *cloud*."""

    def __init__(self, cloud: Cloud, cidr: str = "10.99.0.0/16") -> None:
        self._ec2, self._blocks = cloud.client("ec2"), ipaddress.IPv4Network(cidr).subnets(new_prefix=24)
        self.id = str(self._ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])
        self.public = [self.subnet("a", 27), self.subnet("b", 27)]
        self.private = [self.subnet("a"), self.subnet("b")]

    def subnet(self, zone: str, prefix: int = 28) -> str:
        """Make a subnet and return its id."""
        made = self._ec2.create_subnet(
            VpcId=self.id,
            CidrBlock=f"{next(self._blocks).network_address}/{prefix}",
            AvailabilityZone=f"us-east-1{zone}",
        )
        return str(made["Subnet"]["SubnetId"])

    def inputs(self, **other: Any) -> dict[str, Any]:
        """Return the stack's inputs for this VPC, with *other* values."""
        existing = {
            "vpc_id": self.id,
            "public_subnet_ids": self.public,
            "private_subnet_ids": self.private,
        }
        return NAMED | {"existing": existing | other}

    def setting(self) -> str:
        """Return the line of an env.hcl that names this VPC."""
        return "network_existing = " + json.dumps(self.inputs()["existing"]).replace('":', '" =')

    def remove(self) -> None:
        """Remove the VPC with the subnets that it began with."""
        for subnet in (*self.public, *self.private):
            self._ec2.delete_subnet(SubnetId=subnet)
        self._ec2.delete_vpc(VpcId=self.id)
