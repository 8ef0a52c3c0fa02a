"""Settings that can't work end a run at once, with one message that names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from tests.terraform.commands import Tree


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("options", [["plan"], ["run", "--backend-bootstrap", "--", "apply"]])
def test_environment_without_account_and_region_is_refused(
    tree: Tree, environment: str, options: list[str]
) -> None:
    """As committed, dev and prod say what is missing, in plain Terragrunt too, before AWS is asked."""
    done = tree.terragrunt(f"{environment}/xray", *options)
    assert done.code != 0
    assert (
        f'config/{environment}/env.hcl: account_id is "", expected an AWS account\'s twelve digits'
        in done.text
    )
    assert 'region is "", expected one like eu-west-1' in done.text
    assert "Initializing" not in done.text


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL is not set, and this environment is for the local cloud only"),
        ("HONEYCOMB_API_ENDPOINT", "honeycomb_endpoint is not set"),
    ],
)
def test_local_needs_the_local_cloud(tree: Tree, variable: str, expected: str) -> None:
    """local never reaches a real account: without the endpoints it is refused, with the remedy."""
    done = tree.with_variables(**{variable: None}).terragrunt("local/xray", "plan")
    assert done.code != 0
    assert expected in done.text
    assert "make local-up" in done.text


def problems(tree: Tree, environment: str = "dev") -> list[str]:
    """Return what the root configuration finds wrong."""
    found = tree.render(f"{environment}/xray")["locals"]["root"]["problems"]
    assert isinstance(found, list)
    return found


def test_complete_settings_have_no_problems(tree: Tree) -> None:
    """With account id and region, dev is complete; local is as it stands."""
    assert problems(tree, "local") == []
    assert problems(tree.set("dev", ACCOUNT)) == []


def test_names_longer_than_xray_allows_are_found_early(tree: Tree) -> None:
    """Each name over 32 characters is named with its length, the rules' ones too."""
    tree.edit("terragrunt.hcl", 'service = "backend-flask"', 'service = "backend-flask-for-orders"')
    rule = "{ priority = 1, reservoir_size = 1, fixed_rate = 1 }"
    tree.set("dev", ACCOUNT + f'  sampling_rules = {{ "checkout-of-large-baskets" = {rule} }}')
    found = problems(tree)
    assert [text.partition(",")[0] for text in found] == [
        "the name cruddur-dev-checkout-of-large-baskets has 37 characters",
        "the name cruddur-dev-backend-flask-for-orders has 36 characters",
    ]
    assert all("X-Ray allows 32" in text for text in found)
    done = tree.terragrunt("dev/xray", "plan")
    assert done.code != 0
    assert "has 36 characters, X-Ray allows 32" in done.text


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('  state_bucket = "Our_States"', "Our_States can't be a bucket's name"),
        (
            "  logs_retention_days = 31",
            "logs_retention_days is 31, expected a number of days that CloudWatch has",
        ),
        ("  logs_retention_days = 0", "logs_retention_days is 0"),
        ('  logs_retention_days = "long"', 'logs_retention_days is "long"'),
        ("  logs_retention_days = null", "logs_retention_days is null"),
        ('  logs_kms_key_id = "alias/mine"', 'logs_kms_key_id is "alias/mine", expected a key\'s ARN'),
        ('  service_name = "a\\"b"', "expected 1 to 64 letters, digits, spaces and _.:/%&#=+-@"),
        ("  sampling_rule = {}", "there is no setting sampling_rule; the settings are in defaults.hcl"),
        (
            "  sampling_rules = { service = { reservoir = 1 } }",
            "sampling rule service: there is no setting reservoir",
        ),
        (
            '  sampling_rules = { health = { name = "cruddur-dev-backend-flask" } }',
            "sampling rule service: its name cruddur-dev-backend-flask is another rule's too",
        ),
    ],
)
def test_wrong_and_misspelt_settings_are_found(tree: Tree, settings: str, expected: str) -> None:
    """Each is named before a run begins: Terraform would drop an unknown attribute without a word."""
    (found,) = problems(tree.set("dev", ACCOUNT + settings))
    assert expected in found
