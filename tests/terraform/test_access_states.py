"""Unit access: of the state bucket each role names what is there, and who deploys alone takes its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.deploy import locks
from scripts.iam.evaluation import Call, Verdict, evaluate
from scripts.iam.patterns import covers
from scripts.iam.unit_calls import APPLY, DEPLOY, PLAN
from scripts.terragrunt.render import Target, Unit
from scripts.verify.role_policies import policies_of

if TYPE_CHECKING:
    from tests.terraform.cloud import Cloud
    from tests.terraform.commands import Tree

NAME = "cruddur-local-backend-flask"
STATES = "cruddur-local-terraform-state-123456789012"
UNITS = ("alarms", "honeycomb", "logs", "network", "registry", "service", "xray")
READ, WRITE, REMOVE = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"
# Who plans sees who has the lock on deployments; nobody removes it.
MAY = {PLAN: {READ}, APPLY: set(), DEPLOY: {READ, WRITE}}


def arn(key: str) -> str:
    """Return the ARN of an object in the state bucket."""
    return f"arn:aws:s3:::{STATES}/{key}"


def lock() -> str:
    """Return the key of the lock on deployments, as the commands have it for any unit."""
    target = Target("us-east-1", "123456789012", "/a/b", "env.hcl")
    return locks.key(
        Unit("xray", {}, STATES, "backend-flask/xray/terraform.tfstate", "us-east-1", "", target)
    )


def test_each_object_that_a_role_names_is_one_and_deploy_alone_locks(
    tree: Tree, cloud: Cloud, shared_provider: dict[str, str]
) -> None:
    """A unit's state, Terraform's lock beside it, or the lock on deployments; a wrong name allows nothing."""
    cloud.reset()
    at_cloud = tree.with_variables(**shared_provider, AWS_ENDPOINT_URL=cloud.endpoint)
    done = at_cloud.terragrunt("local/access", "run", "--backend-bootstrap", "--", "apply", "-auto-approve")
    assert done.code == 0, done.text
    beside = [
        f"backend-flask/{unit}/terraform.tfstate{ending}" for unit in UNITS for ending in ("", ".tflock")
    ]
    for role, may in MAY.items():
        statements = policies_of(cloud.client("iam"), f"{NAME}-{role}").statements
        named = {
            resource
            for statement in statements
            for resource in statement.resources
            if resource.startswith(arn("")) and not statement.denies
        }
        assert len(named) >= len(UNITS) // 2
        wrong = [one for one in named if not any(covers(one, arn(known)) for known in (*beside, lock()))]
        assert wrong == [], role
        verdicts = {
            action: evaluate(statements, Call(action, arn(lock()))) for action in (READ, WRITE, REMOVE)
        }
        assert {action for action, verdict in verdicts.items() if verdict is Verdict.ALLOWED} == may, role
