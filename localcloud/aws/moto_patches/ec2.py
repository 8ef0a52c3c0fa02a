"""EC2: descriptions of rules that name a group, and the routes of an endpoint whose tables change."""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpcs import VPCEndPoint


def describe_rules() -> None:
    """Give a rule's description from whatever the rule names; moto looks at address ranges alone."""

    def description(self: Any) -> str | None:
        told: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
        return told

    setattr(SecurityGroupRule, "description", property(description))  # noqa: B010 - mypy has a read-only property


def route_endpoints() -> None:
    """Give a table that a gateway endpoint gets later its route, and take it from one that it loses.

    moto does so as it makes and deletes an endpoint alone, and then misses the route that it hadn't made.
    """
    modify = VPCEndPoint.modify

    def modify_routes_too(self: Any, *arguments: Any, **named: Any) -> None:
        before = set(self.route_table_ids or ())
        modify(self, *arguments, **named)
        after, prefixes = set(self.route_table_ids or ()), self.destination_prefix_list_id
        if not prefixes:
            return
        for table in sorted(after - before):
            self.ec2_backend.create_route(
                table, None, gateway_id=self.id, destination_prefix_list_id=prefixes
            )
        for table in sorted(before - after):
            self.ec2_backend.delete_route(table, prefixes)

    VPCEndPoint.modify = modify_routes_too
