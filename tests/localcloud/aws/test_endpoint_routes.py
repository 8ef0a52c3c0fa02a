"""Gateway endpoints of EC2, whose routes follow their route tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint


def _routed(ec2: Any, tables: list[str]) -> list[bool]:
    """Tell of each table whether it has a route to a prefix list."""
    found = ec2.describe_route_tables(RouteTableIds=tables)["RouteTables"]
    with_route = {
        table["RouteTableId"]
        for table in found
        if any(route.get("DestinationPrefixListId") for route in table["Routes"])
    }
    return [table in with_route for table in tables]


def test_an_endpoints_routes_follow_its_tables(endpoint: Endpoint) -> None:
    """Made with one table, changed to another, deleted: as `make destroy` does after a change of zones."""
    ec2 = endpoint.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.98.0.0/24")["Vpc"]["VpcId"]
    tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    kind: dict[str, Any] = {"VpcEndpointType": "Gateway", "ServiceName": "com.amazonaws.us-east-1.s3"}
    made = ec2.create_vpc_endpoint(VpcId=vpc, RouteTableIds=tables[:1], **kind)
    endpoint_id = made["VpcEndpoint"]["VpcEndpointId"]
    assert _routed(ec2, tables) == [True, False]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, AddRouteTableIds=tables[1:])
    assert _routed(ec2, tables) == [True, True]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, RemoveRouteTableIds=tables[:1])
    assert _routed(ec2, tables) == [False, True]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    assert _routed(ec2, tables) == [False, False]
