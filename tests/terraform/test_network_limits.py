"""Stack network: ranges and values that can't work are refused at plan; ranges are cut right."""

from __future__ import annotations

import ipaddress
import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.terraform import modules

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

GOOD: dict[str, Any] = {"name": "n", "account_id": "123456789012", "flow_logs_group_name": "/f"}
GOOD |= {"cidr": "10.20.0.0/16"}
PRIVATE = [
    ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
]
VPC = {"vpc_id": "vpc-01234567", "public_subnet_ids": ["subnet-01234567", "subnet-11234567"]}
VPC |= {"private_subnet_ids": ["subnet-21234567", "subnet-31234567"]}
PUBLIC = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
IN_ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/collector:v0.43.3"
ALL = ["ecr", "kms", "logs", "s3", "ssm", "xray"]

CASES: list[tuple[dict[str, Any], str]] = [
    ({"name": "n" * 55}, "IAM allows a role 64 characters"),
    ({"account_id": "12345"}, "must be an AWS account's twelve digits"),
    ({"zones": 1}, "zones is 1, expected 2 or 3"),
    ({"zones": 2.5}, "zones is 2.5, expected 2 or 3"),
    ({"cidr": "10.20.0.0/23"}, "cidr 10.20.0.0/23 is too small, expected /16 to /22"),
    ({"cidr": "10.0.0.0/8"}, "cidr 10.0.0.0/8 is too large, expected /16 to /22"),
    ({"cidr": "10.20.1.0/16"}, "is not the first address of its range: write 10.20.0.0/16"),
    ({"cidr": "8.8.0.0/16"}, "cidr 8.8.0.0/16 belongs to the internet"),
    ({"cidr": "10.20.0.0"}, 'cidr "10.20.0.0" is no IPv4 range'),
    ({"cidr": "10.20.0.0/33"}, "is no IPv4 range"),
    ({"cidr": "10.20.0.256/16"}, "is no IPv4 range"),
    ({"cidr": "fd00::/16"}, "is no IPv4 range"),
    ({"cidr": ""}, 'cidr "" is no IPv4 range'),
    (
        {"reserved_cidrs": ["10.0.0.0/16", "10.20.8.0/24"]},
        "cidr 10.20.0.0/16 overlaps one of reserved_cidrs (10.0.0.0/16, 10.20.8.0/24)",
    ),
    ({"reserved_cidrs": ["10.0.0.0/8"]}, "overlaps one of reserved_cidrs"),
    ({"reserved_cidrs": ["office"]}, "each must be an IPv4 range like 10.30.0.0/16"),
    ({"nat": "both"}, 'nat is "both", expected single, zone or none'),
    ({"nat": "none"}, "no task starts without the endpoints ecr, logs, s3, ssm, xray: add them"),
    ({"nat": "none", "endpoints": ["ecr", "s3", "ssm"]}, "no task starts without the endpoints logs, xray"),
    (
        {"nat": "none", "endpoints": ALL, "collector_image": PUBLIC},
        f'no task starts with collector_image "{PUBLIC}", which no endpoint leads to: take one in ECR of',
    ),
    ({"nat": "none", "endpoints": ALL, "collector_image": IN_ECR.replace("9", "8")}, "ECR of account 1234"),
    ({"endpoints": ["s3", "sqs"]}, "endpoints has sqs, expected any of ssm, kms, xray, logs, ecr and s3"),
    ({"endpoints": ["s3"], "existing": VPC}, "endpoints s3 can't be made in an existing VPC"),
    ({"existing": VPC | {"vpc_id": "mine"}}, 'existing.vpc_id "mine" must be a VPC\'s id'),
    (
        {"existing": VPC | {"public_subnet_ids": ["a", "subnet-11234567"]}},
        "each subnet must be given by its id",
    ),
    (
        {"existing": VPC | {"public_subnet_ids": ["subnet-11234567"]}},
        "existing has 1 public and 2 private subnets, expected two or more of each",
    ),
    (
        {"existing": VPC | {"public_subnet_ids": ["subnet-01234567", "subnet-21234567"]}},
        "existing: subnet-21234567 can't be public and private",
    ),
    ({"flow_logs_group_name": "a:b"}, 'flow_logs_group_name "a:b" must have 1 to 512 letters'),
    ({"flow_logs_group_name": "aws/b"}, "not start with aws/"),
    ({"flow_logs_retention_days": 31}, "flow_logs_retention_days is 31; CloudWatch Logs allows 1, 3, 5,"),
    ({"flow_logs_kms_key_id": "alias/mine"}, "flow_logs_kms_key_id must be a key's ARN"),
]


@pytest.fixture(scope="module")
def refusals(
    tmp_path_factory: pytest.TempPathFactory, shared_provider: dict[str, str]
) -> dict[str, list[str]]:
    """Return the errors of a plan of all cases at once, by case."""
    cases = {f"case_{number}": GOOD | values for number, (values, _) in enumerate(CASES)}
    done = modules.plan(tmp_path_factory.mktemp("cases"), "network", cases, shared_provider)
    assert done.code == 1
    return modules.told(done)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_value_that_can_not_work_is_refused_at_plan(number: int, refusals: dict[str, list[str]]) -> None:
    """One message names what was given and what was expected."""
    [message] = refusals[f"case_{number}"]
    assert CASES[number][1] in message


def test_a_region_with_too_few_zones_is_refused(shared_provider: dict[str, str], tmp_path: Path) -> None:
    """With its name and the zones that it has; two are enough for two."""
    cases: dict[str, dict[str, Any]] = {"three": GOOD | {"zones": 3}, "two": GOOD}
    found = modules.told(modules.plan(tmp_path, "network", cases, shared_provider, "us-west-1"))
    [[message]] = found.values()
    assert "zones is 3, and us-west-1 has 2 for Fargate: us-west-1a, us-west-1b" in message


def test_without_nat_nothing_leads_out_and_plan_says_so(
    shared_provider: dict[str, str], tmp_path: Path
) -> None:
    """Private subnets have no route to the internet; endpoints take its place, with a warning."""
    cases: dict[str, dict[str, Any]] = {
        "closed": GOOD | {"nat": "none", "endpoints": ALL, "name": "n" * 54, "collector_image": IN_ECR},
        "open": GOOD | {"endpoints": ["s3"], "flow_logs": False, "collector_image": PUBLIC},
    }
    done = modules.plan(tmp_path, "network", cases, shared_provider)
    assert done.code == 0, done.text
    [[warning]] = modules.told(done, "warning").values()
    assert "nothing in the private subnets reaches Honeycomb" in warning
    found = modules.planned(tmp_path, shared_provider)
    kinds = {name: {one["type"] for one in resources} for name, resources in found.items()}
    assert {"aws_nat_gateway", "aws_eip"}.isdisjoint(kinds["closed"])
    assert [one["address"] for one in found["closed"] if one["type"] == "aws_route"] == [
        "module.closed.aws_route.internet[0]"
    ]
    assert {"aws_flow_log", "aws_iam_role", "aws_security_group"}.isdisjoint(kinds["open"])


def ranges(prefixes: SearchStrategy[int]) -> SearchStrategy[ipaddress.IPv4Network]:
    """Ranges of such prefixes, most of them among the private ones or beside them."""
    beside = [ipaddress.IPv4Network(one) for one in ("172.32.0.0/12", "100.128.0.0/10", "11.0.0.0/8")]
    return st.builds(
        lambda block, offset, prefix: ipaddress.IPv4Network(
            (int(block.network_address) + offset % block.num_addresses, prefix), strict=False
        ),
        st.sampled_from(PRIVATE * 3 + beside),
        st.integers(0, 2**24 - 1),
        prefixes,
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, list[ipaddress.IPv4Network]]:
    """A range as people write it, right or beginning in its middle, and up to two reserved ones.

    A reserved one is anywhere, or larger or smaller than the range and in its place.
    """
    network = draw(ranges(st.integers(12, 26)))
    more = draw(st.sampled_from([0, 0, 0, 1, 256]))
    place = st.builds(
        lambda offset, prefix: ipaddress.IPv4Network(
            (int(network.network_address) + offset % network.num_addresses, prefix), strict=False
        ),
        st.integers(0, 2**20 - 1),
        st.integers(4, 28),
    )
    reserved = draw(st.lists(st.one_of(ranges(st.integers(12, 28)), place), max_size=2))
    return f"{network[more % network.num_addresses]}/{network.prefixlen}", reserved


def fits(cidr: str, reserved: list[ipaddress.IPv4Network]) -> bool:
    """Tell whether a VPC may have the range, by Python's own knowledge of ranges."""
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        return False
    inside = any(network.subnet_of(block) for block in PRIVATE)
    return 16 <= network.prefixlen <= 22 and inside and not any(map(network.overlaps, reserved))


ONE_RUN_IS_DEAR = settings(
    max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
)


@ONE_RUN_IS_DEAR
@given(st.lists(asked(), min_size=60, max_size=60))
def test_just_the_ranges_that_fit_are_taken(
    shared_provider: dict[str, str], drawn: list[tuple[str, list[ipaddress.IPv4Network]]]
) -> None:
    """Private, /16 to /22, from their first address, apart from the reserved: Python's answer is ours."""
    cases = {
        f"case_{number}": GOOD | {"cidr": cidr, "reserved_cidrs": list(map(str, reserved))}
        for number, (cidr, reserved) in enumerate(drawn)
    }
    with tempfile.TemporaryDirectory() as folder:
        refused = modules.told(modules.plan(Path(folder), "network", cases, shared_provider))
    expected = {f"case_{number}" for number, (cidr, reserved) in enumerate(drawn) if not fits(cidr, reserved)}
    assert set(refused) == expected


@ONE_RUN_IS_DEAR
@given(
    st.lists(
        st.builds(
            lambda block, offset, prefix: ipaddress.IPv4Network(
                (int(block.network_address) + offset % block.num_addresses, prefix), strict=False
            ),
            st.sampled_from(PRIVATE),
            st.integers(0, 2**24 - 1),
            st.integers(16, 22),
        ),
        min_size=6,
        max_size=6,
    )
)
def test_subnets_lie_in_the_range_apart_and_stay_with_a_third_zone(
    shared_provider: dict[str, str], drawn: list[ipaddress.IPv4Network]
) -> None:
    """A quarter of the range for each private subnet, a sixteenth for each public one."""
    cases = {
        f"case_{number}_{zones}": GOOD | {"cidr": str(network), "zones": zones, "flow_logs": False}
        for number, network in enumerate(drawn)
        for zones in (2, 3)
    }
    with tempfile.TemporaryDirectory() as folder:
        done = modules.plan(Path(folder), "network", cases, shared_provider)
        assert done.code == 0, done.text
        found = modules.planned(Path(folder), shared_provider)
    for number, network in enumerate(drawn):
        by_zones = {}
        for zones in (2, 3):
            subnets = {
                (one["name"], one["values"]["availability_zone"]): ipaddress.IPv4Network(
                    one["values"]["cidr_block"]
                )
                for one in found[f"case_{number}_{zones}"]
                if one["type"] == "aws_subnet"
            }
            assert len(subnets) == 2 * zones
            assert all(subnet.subnet_of(network) for subnet in subnets.values())
            assert not any(one.overlaps(two) for one, two in itertools.combinations(subnets.values(), 2))
            for (kind, _), subnet in subnets.items():
                share = {"public": 16, "private": 4}[kind]
                assert subnet.num_addresses * share == network.num_addresses
            by_zones[zones] = subnets
        assert by_zones[2].items() <= by_zones[3].items()
