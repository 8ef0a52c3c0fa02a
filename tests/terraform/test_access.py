"""Unit access: what it asks for, whom its roles trust, and its life at an AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts.iam import backend_calls
from scripts.verify.access import call_problems
from scripts.verify.role_policies import policies_of
from tests.terraform.commands import REPOSITORY
from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from tests.terraform.cloud import Cloud
    from tests.terraform.commands import Finished, Tree

UNIT = "local/access"
NAME = "cruddur-local-backend-flask"
ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
GITHUB = '  github = { owner = "octo-org", repository = "octo-repo", owner_id = 65, repository_id = 74 }\n'
NAMES_ALONE = '  github = { owner = "octo-org", repository = "octo-repo" }\n'
XRAY = "arn:aws:xray:us-east-1:123456789012"
KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def at_cloud(tree: Tree, cloud: Cloud, shared_provider: dict[str, str]) -> Tree:
    """The tree, at an empty AWS."""
    cloud.reset()
    return tree.with_variables(**shared_provider, AWS_ENDPOINT_URL=cloud.endpoint)


def apply(tree: Tree) -> Finished:
    """Apply the unit, which has to succeed."""
    done = tree.terragrunt(UNIT, "run", "--backend-bootstrap", "--", "apply", "-auto-approve")
    assert done.code == 0, done.text
    return done


def trust(cloud: Cloud, role: str) -> dict[str, Any]:
    """Return the conditions of the one statement by which the role trusts somebody."""
    document = cloud.client("iam").get_role(RoleName=f"{NAME}-{role}")["Role"]["AssumeRolePolicyDocument"]
    [statement] = document["Statement"]
    assert statement["Effect"] == "Allow"
    found: dict[str, Any] = statement["Condition"]
    return found


def with_github(tree: Tree, line: str, more: str = "") -> Tree:
    """Write another repository into the local environment, and further settings."""
    file = tree.config / "local" / "env.hcl"
    lines = [one for one in file.read_text().splitlines(keepends=True) if not one.startswith("  github = ")]
    file.write_text("".join(lines).replace("locals {\n", f"locals {{\n{line}{more}", 1))
    return tree


def test_unit_asks_for_the_roles_of_its_environment(tree: Tree) -> None:
    """Names, path, bucket and the GitHub environment are the environment's own."""
    tree.set("dev", ACCOUNT + GITHUB + f'  honeycomb_kms_key_id = "{KMS_KEY}"\n')
    rendered = tree.render("dev/access")
    defaults = rendered["locals"]["root"]["defaults"]["settings"]
    assert rendered["inputs"] == {
        "name": "cruddur-dev-backend-flask",
        "account_id": "210987654321",
        "parameter_path": "/cruddur/dev/backend-flask",
        "honeycomb_kms_key_id": KMS_KEY,
        "xray_group_name": "cruddur-dev-backend-flask",
        "xray_sampling_rule_names": ["cruddur-dev-health", "cruddur-dev-backend-flask"],
        "xray_encryption": False,
        "log_group_name": "/cruddur/dev/backend-flask",
        "github": {"owner": "octo-org", "repository": "octo-repo", "owner_id": 65, "repository_id": 74},
        "github_environment": "dev",
        "github_oidc_provider_arn": "",
        "state_bucket": "cruddur-dev-terraform-state-210987654321",
        "state_prefix": "backend-flask",
        "injected_parameters": ["honeycomb/api-key"],
        "collector_image": defaults["service_collector_image"],
        "cluster_name": "cruddur-dev",
        "hosted_zone_id": "",
        "owner_tags": {"Project": "cruddur", "Service": "backend-flask", "Environment": "dev"},
        "flow_logs_group_name": "/cruddur/dev/flow-logs",
    }
    # in mode direct the backend reads the key itself
    assert tree.render("local/access")["inputs"]["injected_parameters"] == []


def test_roles_get_the_rules_by_the_names_that_they_have(tree: Tree) -> None:
    """A name of its own, the group's for the service's rule, and what was adopted; none for null."""
    rules = 'sampling_rules = { health = null, slow = { name = "by-hand" }, fast = {} }'
    tree.set("dev", ACCOUNT + GITHUB + f'  group_name = "theirs"\n  {rules}\n')
    assert sorted(tree.render("dev/access")["inputs"]["xray_sampling_rule_names"]) == [
        "by-hand",
        "cruddur-dev-fast",
        "theirs",
    ]
    adopted = 'locals {\n  sampling_rules = { fast = { name = "taken-over" } }\n}\n'
    (tree.config / "dev" / "adopted.hcl").write_text(adopted)
    assert "taken-over" in tree.render("dev/access")["inputs"]["xray_sampling_rule_names"]


def test_environment_without_a_repository_is_told_so_by_this_unit_alone(tree: Tree) -> None:
    """One line says what is missing; the tracing units need no repository, and {} is for none."""
    tree.set("dev", ACCOUNT)
    done = tree.terragrunt("dev/access", "plan")
    assert done.code != 0
    assert (
        "config/dev/env.hcl: github is not set, expected the repository whose workflows get roles"
        in done.text
    )
    assert "Initializing" not in done.text
    assert tree.render("dev/xray")["locals"]["root"]["problems"] == []
    others = tree.terragrunt(
        "dev", "run", "--all", "--filter", "./xray", "--filter", "./logs", "--", "version"
    )
    assert others.code == 0, others.text
    tree.set("dev", ACCOUNT + "  github = {}\n")
    rendered = tree.render("dev/access")
    assert (rendered["locals"]["root"]["problems"], rendered["inputs"]["github"]) == ([], None)


@pytest.mark.parametrize(
    ("github", "expected"),
    [
        ('{ owner = "octo-org" }', "github has no owner or no repository, expected both names"),
        ('{ owner = "o", repository = "" }', "github has no owner or no repository"),
        ('{ owner = "o", repository = "r", id = 1 }', "github: there is no setting id; expected are owner,"),
        ('"octo-org/octo-repo"', "github has no owner or no repository"),
    ],
)
def test_a_repository_that_is_none_is_found(tree: Tree, github: str, expected: str) -> None:
    """Before a run begins."""
    tree.set("dev", ACCOUNT + f"  github = {github}\n")
    [found] = tree.render("dev/access")["locals"]["root"]["problems"]
    assert expected in found


def test_roles_are_made_stay_as_they_are_and_go(at_cloud: Tree, cloud: Cloud) -> None:
    """Applied, a second plan shows no change; destroyed, nothing is left. What is added by hand is drift."""
    apply(at_cloud)
    iam = cloud.client("iam")
    roles = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    assert roles == {f"{NAME}-{role}" for role in ("task", "execution", "plan", "apply", "deploy", "verify")}
    assert at_cloud.terragrunt(UNIT, "plan", "-detailed-exitcode").code == 0
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    everything = {"Version": "2012-10-17", "Statement": statement}
    iam.put_role_policy(RoleName=f"{NAME}-task", PolicyName="more", PolicyDocument=json.dumps(everything))
    assert at_cloud.terragrunt(UNIT, "plan", "-detailed-exitcode").code == 2
    apply(at_cloud)
    assert iam.list_role_policies(RoleName=f"{NAME}-task")["PolicyNames"] == ["backend"]
    done = at_cloud.terragrunt(UNIT, "destroy", "-auto-approve")
    assert done.code == 0, done.text
    assert iam.list_roles()["Roles"] == []
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_each_role_trusts_its_own_jobs_in_both_forms_of_the_subject(at_cloud: Tree, cloud: Cloud) -> None:
    """Audience and whole subjects, without wildcards; the repository by its id, of verify the file."""
    apply(with_github(at_cloud, GITHUB))
    by_role = {role: trust(cloud, role) for role in ("plan", "apply", "deploy", "verify")}
    assert all(set(conditions) == {"StringEquals"} for conditions in by_role.values())
    claims = {role: conditions["StringEquals"] for role, conditions in by_role.items()}
    assert claims["verify"].pop(f"{ISSUER}:job_workflow_ref") == (
        "octo-org/octo-repo/.github/workflows/verify-environment.yml@refs/heads/main"
    )
    assert "*" not in json.dumps(claims)
    assert {found[f"{ISSUER}:aud"] for found in claims.values()} == {"sts.amazonaws.com"}
    assert {found[f"{ISSUER}:repository_id"] for found in claims.values()} == {"74"}
    verifying = REPOSITORY / ".github" / "workflows" / "verify-environment.yml"
    assert "role-to-assume: ${{ inputs.role }}" in verifying.read_text()
    subjects = {role: sorted(found[f"{ISSUER}:sub"]) for role, found in claims.items()}
    both = ("repo:octo-org/octo-repo:", "repo:octo-org@65/octo-repo@74:")
    assert subjects == {
        "plan": [f"{form}pull_request" for form in both],
        "apply": [f"{form}environment:local" for form in both],
        "deploy": [f"{form}environment:local" for form in both],
        "verify": [f"{form}ref:refs/heads/main" for form in both],
    }
    assert claims["apply"][f"{ISSUER}:ref"] == claims["deploy"][f"{ISSUER}:ref"] == "refs/heads/main"
    assert trust(cloud, "task")["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_roles_know_rules_by_whole_names_and_have_room_for_all_that_x_ray_takes(
    at_cloud: Tree, cloud: Cloud
) -> None:
    """No rule but the environment's; X-Ray's 25, names of 32 characters, fit the 10,240 of a role."""
    names = [f"rule-{number:02}-".ljust(32, "x") for number in range(23)]
    rules = "".join(f'    r{number} = {{ name = "{name}" }}\n' for number, name in enumerate(names))
    at_cloud.edit(
        "terraform/backend-app/config/local/env.hcl", "sampling_rules = {\n", f"sampling_rules = {{\n{rules}"
    )
    apply(with_github(at_cloud, GITHUB))
    iam = cloud.client("iam")
    own = [f"{XRAY}:sampling-rule/{name}" for name in (*names, NAME, "cruddur-local-health")]
    for role, sid in (("plan", "ReadXRay"), ("apply", "ReadXRay"), ("apply", "WriteXRay")):
        policy = iam.get_role_policy(RoleName=f"{NAME}-{role}", PolicyName=role)["PolicyDocument"]
        [statement] = [one for one in policy["Statement"] if one["Sid"] == sid]
        assert sorted(statement["Resource"]) == sorted([*own, f"{XRAY}:group/{NAME}/*"])
        assert len(json.dumps(policy, separators=(",", ":"))) <= 10_240
    deploy = iam.get_role_policy(RoleName=f"{NAME}-deploy", PolicyName="deploy")["PolicyDocument"]
    assert len(json.dumps(deploy, separators=(",", ":"))) <= 10_240


def test_a_provider_that_exists_is_used(at_cloud: Tree, cloud: Cloud) -> None:
    """None is made, and the roles trust the one given; without ids the older form alone counts."""
    iam = cloud.client("iam")
    iam.create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"])
    apply(with_github(at_cloud, NAMES_ALONE, f'  github_oidc_provider_arn = "{PROVIDER}"\n'))
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
    conditions = trust(cloud, "plan")["StringEquals"]
    assert conditions == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": "repo:octo-org/octo-repo:pull_request",
    }
    assert at_cloud.terragrunt(UNIT, "destroy", "-auto-approve").code == 0
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1


def test_without_a_repository_there_are_the_tasks_roles_alone(at_cloud: Tree, cloud: Cloud) -> None:
    """Neither provider nor roles for GitHub; with a KMS key the backend may decrypt by it, through SSM."""
    apply(with_github(at_cloud, "  github = {}\n", f'  honeycomb_kms_key_id = "{KMS_KEY}"\n'))
    iam = cloud.client("iam")
    assert {role["RoleName"] for role in iam.list_roles()["Roles"]} == {f"{NAME}-task", f"{NAME}-execution"}
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    policy = iam.get_role_policy(RoleName=f"{NAME}-task", PolicyName="backend")["PolicyDocument"]
    [decrypt] = [one for one in policy["Statement"] if one["Sid"] == "DecryptParameters"]
    path = "arn:aws:ssm:us-east-1:123456789012:parameter/cruddur/local/backend-flask"
    assert (decrypt["Action"], decrypt["Resource"]) == ("kms:Decrypt", KMS_KEY)
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"},
        "ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": f"{path}/*"},
    }
    place = backend_calls.Place(
        "aws",
        "us-east-1",
        "123456789012",
        "/cruddur/local/backend-flask",
        NAME,
        "/cruddur/local/backend-flask",
        KMS_KEY,
    )
    assert call_problems(policies_of(iam, f"{NAME}-task"), backend_calls.at(place)) == []
