"""What the units ask for, as Terragrunt renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.terraform.commands import APP, ENVIRONMENTS, STACKS

if TYPE_CHECKING:
    from tests.terraform.commands import Tree

ACCOUNT = '  account_id = "210987654321"\n  region = "eu-west-1"\n  honeycomb_endpoint = "https://api.honeycomb.io"\n'


def test_xray_unit_asks_for_the_group_and_the_two_default_rules(tree: Tree) -> None:
    """The group, the service's rule and the health rule have the design's names and values."""
    asked = tree.render("local/xray")["inputs"]
    assert asked["group_name"] == "cruddur-local-backend-flask"
    assert asked["filter_expression"] == 'service("cruddur-local-backend-flask")'
    assert (asked["insights_enabled"], asked["encryption"]) == (False, None)
    anything = {
        "service_type": "*",
        "host": "*",
        "http_method": "*",
        "resource_arn": "*",
        "version": 1,
        "attributes": {},
    }
    service = {"service_name": "cruddur-local-backend-flask", **anything}
    assert asked["sampling_rules"] == {
        "cruddur-local-backend-flask": {
            "priority": 9000,
            "reservoir_size": 5,
            "fixed_rate": 0.1,
            "url_path": "*",
            **service,
        },
        "cruddur-local-health": {
            "priority": 8999,
            "reservoir_size": 0,
            "fixed_rate": 0,
            "url_path": "/health*",
            **service,
        },
    }


def test_honeycomb_unit_asks_for_the_names_that_the_xray_unit_gives(tree: Tree) -> None:
    """Parameters carry the names by convention: no unit reads another's outputs."""
    rendered = tree.render("local/honeycomb")
    assert rendered["dependency"] == {}
    assert rendered["inputs"] == {
        "parameter_path": "/cruddur/local/backend-flask",
        "endpoint": "http://127.0.0.1:9",
        "dataset": "cruddur-local-backend-flask",
        "xray_group_name": "cruddur-local-backend-flask",
        "xray_sampling_rule_name": "cruddur-local-backend-flask",
    }


def test_key_is_in_nothing_that_rendering_prints(tree: Tree) -> None:
    """Neither inputs nor extra_arguments carry the key, however it stands in the environment."""
    key = "hcaik_" + "k" * 58
    told = tree.with_variables(HONEYCOMB_API_KEY=key, TF_VAR_honeycomb_api_key=key)
    for unit in STACKS:
        done = told.terragrunt(f"local/{unit}", "render", "--json")
        assert done.code == 0
        assert key not in done.output + done.errors
    inputs = tree.render("local/honeycomb-key")["inputs"]
    assert inputs.pop("key_version") >= 1
    assert inputs == {"parameter_path": "/cruddur/local/backend-flask", "kms_key_id": None}


def test_another_repo_changes_two_values(tree: Tree) -> None:
    """With another project and service no name, path, tag or bucket keeps the old ones."""
    tree.edit("terragrunt.hcl", 'project = "cruddur"', 'project = "shop"')
    tree.edit("terragrunt.hcl", 'service = "backend-flask"', 'service = "basket"')
    for unit in STACKS:
        done = tree.terragrunt(f"local/{unit}", "render", "--json")
        assert done.code == 0
        assert "shop-local" in done.output
        assert "cruddur" not in done.output
        assert "backend-flask" not in done.output


def test_state_is_encrypted_locked_and_apart_for_each_service(tree: Tree) -> None:
    """Path style goes with an endpoint; only the local cloud's bucket may do without enforced TLS."""
    local = tree.render("local/xray")["remote_state"]["config"]
    assert local["bucket"] == "cruddur-local-terraform-state-123456789012"
    assert local["key"] == "backend-flask/xray/terraform.tfstate"
    assert (local["encrypt"], local["use_lockfile"], local["use_path_style"]) == (True, True, True)
    assert local["bucket_sse_algorithm"] == "AES256"  # no role may decrypt by a KMS key
    assert (local["skip_bucket_enforced_tls"], local["skip_bucket_root_access"]) == (True, True)
    real = (
        tree.set("dev", ACCOUNT)
        .with_variables(AWS_ENDPOINT_URL=None)
        .render("dev/xray")["remote_state"]["config"]
    )
    assert real["bucket"] == "cruddur-dev-terraform-state-210987654321"
    assert (real["encrypt"], real["use_lockfile"], real["use_path_style"]) == (True, True, False)
    assert (real["skip_bucket_enforced_tls"], real["skip_bucket_root_access"]) == (False, False)


def test_state_bucket_may_exist_already(tree: Tree) -> None:
    """An environment can name a bucket of its own."""
    tree.set("dev", ACCOUNT + '  state_bucket = "our-states"')
    assert tree.render("dev/xray")["remote_state"]["config"]["bucket"] == "our-states"


def test_provider_block_is_one_text_for_all_units_of_an_environment(tree: Tree) -> None:
    """Units may share one provider process; account, region and tags come from the environment."""
    tree.set("dev", ACCOUNT + '  tags = { Team = "red" }')
    blocks = [tree.render(f"dev/{unit}")["generate"]["provider"]["contents"] for unit in STACKS]
    assert blocks == blocks[:1] * len(STACKS)
    for part in (
        '["210987654321"]',
        '"eu-west-1"',
        '"Team":"red"',
        '"Environment":"dev"',
        '"ManagedBy":"terragrunt"',
    ):
        assert part in blocks[0]


def test_environment_overrides_extends_and_leaves_out_rules(tree: Tree) -> None:
    """env.hcl changes single values of a rule, adds rules of the service's own, and drops one with null."""
    checkout_rule = "{ priority = 10, reservoir_size = 1, fixed_rate = 0.5 }"
    rules = (
        f"sampling_rules = {{ service = {{ fixed_rate = 1 }}, health = null, checkout = {checkout_rule} }}"
    )
    asked = tree.set("dev", ACCOUNT + rules).render("dev/xray")["inputs"]["sampling_rules"]
    assert list(asked) == ["cruddur-dev-backend-flask", "cruddur-dev-checkout"]
    service, checkout = asked.values()
    assert (service["priority"], service["reservoir_size"], service["fixed_rate"]) == (9000, 5, 1)
    assert (checkout["priority"], checkout["service_name"]) == (10, "cruddur-dev-backend-flask")


def test_a_group_and_rules_may_have_other_names(tree: Tree) -> None:
    """The service's rule is called as the group, save where it has its own name; the parameters follow."""
    names = '  group_name = "Cruddur"\n  filter_expression = "fault"\n'
    tree.set("dev", ACCOUNT + names + '  sampling_rules = { health = { name = "h" } }')
    asked = tree.render("dev/xray")["inputs"]
    assert (asked["group_name"], asked["filter_expression"]) == ("Cruddur", "fault")
    assert list(asked["sampling_rules"]) == ["Cruddur", "h"]
    assert "name" not in asked["sampling_rules"]["h"]
    parameters = tree.render("dev/honeycomb")["inputs"]
    assert {parameters["xray_group_name"], parameters["xray_sampling_rule_name"]} == {"Cruddur"}
    tree.set("dev", ACCOUNT + '  sampling_rules = { service = { name = "s" }, health = null }')
    assert tree.render("dev/honeycomb")["inputs"]["xray_sampling_rule_name"] == "s"
    assert list(tree.render("dev/xray")["inputs"]["sampling_rules"]) == ["s"]


def test_adopted_settings_go_before_the_environments(tree: Tree) -> None:
    """A rule's one by one, all others as a whole; single resources' reach the unit that has them."""
    given = "  logs_retention_days = 7\n  sampling_rules = { service = { priority = 8, fixed_rate = 1 } }"
    tree.set("dev", ACCOUNT + given)
    (tree.config / "dev" / "adopted.hcl").write_text(
        "locals {\n  logs_retention_days = 14\n"
        '  sampling_rules = { service = { fixed_rate = 0.5 }, other = { name = "o", priority = 1 } }\n'
        '  resource_tags = { xray = { group = { Team = "a" } } }\n'
        '  resource_descriptions = { logs = { "logs/group-name" = "" } }\n}\n'
    )
    xray, logs = tree.render("dev/xray")["inputs"], tree.render("dev/logs")["inputs"]
    assert logs["retention_days"] == 14
    service = xray["sampling_rules"]["cruddur-dev-backend-flask"]
    assert (service["priority"], service["fixed_rate"], service["reservoir_size"]) == (8, 0.5, 5)
    assert xray["sampling_rules"]["o"]["priority"] == 1
    assert xray["resource_tags"] == {"group": {"Team": "a"}}
    assert logs["resource_descriptions"] == {"logs/group-name": ""}
    assert "resource_descriptions" not in xray
    assert {"resource_tags", "resource_descriptions"}.isdisjoint(tree.render("dev/honeycomb")["inputs"])


def test_service_name_other_than_the_groups_reaches_filter_rules_and_dataset(tree: Tree) -> None:
    """What OTEL_SERVICE_NAME says of a backend, its environment can say too."""
    tree.set("dev", ACCOUNT + '  service_name = "api"')
    asked = tree.render("dev/xray")["inputs"]
    assert (asked["group_name"], asked["filter_expression"]) == (
        "cruddur-dev-backend-flask",
        'service("api")',
    )
    assert {rule["service_name"] for rule in asked["sampling_rules"].values()} == {"api"}
    assert tree.render("dev/honeycomb")["inputs"]["dataset"] == "api"


def test_logs_unit_asks_for_the_group_and_the_parameter_that_names_it(tree: Tree) -> None:
    """The group is called as the parameter path; retention and KMS key are the environment's."""
    path = "/cruddur/dev/backend-flask"
    key = "arn:aws:kms:eu-west-1:210987654321:key/11111111-2222-3333-4444-555555555555"
    tree.set("dev", ACCOUNT + f'  logs_retention_days = 7\n  logs_kms_key_id = "{key}"')
    given = {"parameter_path": path, "group_name": path, "retention_days": 7, "kms_key_id": key}
    assert tree.render("dev/logs")["inputs"] == given
    by_default = tree.render("local/logs")["inputs"]
    assert (by_default["retention_days"], by_default["kms_key_id"]) == (30, None)


@pytest.mark.parametrize("stack", STACKS)
def test_environments_have_the_same_units(stack: str) -> None:
    """Only env.hcl differs, and in honeycomb-key the key's version."""
    files = [(APP / "config" / name / stack / "terragrunt.hcl").read_text() for name in ENVIRONMENTS]
    texts = {"\n".join(line for line in text.splitlines() if "key_version" not in line) for text in files}
    assert len(texts) == 1
