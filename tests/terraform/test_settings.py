"""Settings that can't work end a run at once, with one message that names them."""

from __future__ import annotations

import shlex
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
        ('  encryption = { key_id = "x" }', 'encryption is {"key_id":"x"}, expected { type = "KMS"'),
        ('  encryption = "KMS"', 'encryption is "KMS", expected'),
        ("  resource_tags = null", "resource_tags is null, expected tags by unit and resource"),
        (
            "  resource_tags = { xray = { group = null } }",
            'resource_tags is {"xray":{"group":null}}, expected',
        ),
        (
            '  resource_tags = { honycomb = { a = { B = "c" } } }',
            "resource_tags: no unit honycomb has it; expected are xray, honeycomb, logs",
        ),
        ("  resource_descriptions = null", "resource_descriptions is null, expected texts by unit"),
        (
            '  resource_descriptions = { xray = { group = "a" } }',
            "resource_descriptions: no unit xray has it; expected are honeycomb, logs",
        ),
        ("  imported_parameters = null", "imported_parameters is null, expected lists of parameters"),
        ('  imported_parameters = { logs = "a" }', 'imported_parameters is {"logs":"a"}, expected lists'),
        ('  imported_parameters = { log = ["a"] }', "imported_parameters: no unit log has it"),
    ],
)
def test_wrong_and_misspelt_settings_are_found(tree: Tree, settings: str, expected: str) -> None:
    """Each is named before a run begins: Terraform would drop an unknown attribute without a word."""
    (found,) = problems(tree.set("dev", ACCOUNT + settings))
    assert expected in found


def test_settings_of_single_resources_and_encryption_as_they_should_be(tree: Tree) -> None:
    """Tags, descriptions and imported parameters of the units that have them; encryption of both types."""
    single = """
  resource_tags         = { xray = { group = { A = "b" } }, honeycomb = {}, logs = { group = { C = "d" } } }
  resource_descriptions = { honeycomb = { "honeycomb/endpoint" = "" }, logs = { "logs/group-name" = "x" } }
  imported_parameters   = { honeycomb = ["honeycomb/endpoint"], logs = [] }
"""
    for encryption in ('{ type = "NONE" }', '{ type = "KMS", key_id = "k" }', "null"):
        assert problems(tree.set("dev", f"{ACCOUNT}{single}  encryption = {encryption}")) == []


def test_what_is_wrong_in_adopted_settings_is_told_of_their_file(tree: Tree) -> None:
    """Each problem with the file that has the setting, in plain Terragrunt too."""
    env = '  logs_retention_days = 31\n  region = "x"\n  sampling_rules = { service = { host = "a" } }\n'
    tree.set("dev", ACCOUNT.replace('region = "eu-west-1"', "") + env)
    (tree.config / "dev" / "adopted.hcl").write_text(
        'locals {\n  logs_retention_days = 32\n  group_name = "a-name-of-more-than-32-characters"\n'
        "  other = 1\n  sampling_rules = { service = { reservoir = 1 } }\n}\n"
    )
    root = tree.render("dev/xray")["locals"]["root"]
    assert [text.partition(",")[0] for text in root["problems"]] == ['region is "x"']
    assert [text.partition(",")[0] for text in root["adopted_problems"]] == [
        "logs_retention_days is 32",
        "the name a-name-of-more-than-32-characters has 33 characters",
        "there is no setting other; the settings are in defaults.hcl",
        "sampling rule service: there is no setting reservoir",
    ]
    done = tree.terragrunt("dev/xray", "plan")
    assert done.code != 0
    assert "config/dev/adopted.hcl: logs_retention_days is 32" in done.text
    assert 'config/dev/env.hcl: region is "x"' in done.text


def test_a_rule_that_env_drops_stays_dropped_though_it_was_adopted(tree: Tree) -> None:
    """By null; any other setting of an adopted rule goes before env.hcl's."""
    tree.set("dev", ACCOUNT + '  sampling_rules = { health = null, service = { host = "a" } }')
    (tree.config / "dev" / "adopted.hcl").write_text(
        'locals {\n  sampling_rules = { health = { host = "b" }, service = { host = "b" } }\n}\n'
    )
    rules = tree.render("dev/xray")["inputs"]["sampling_rules"]
    assert {name: rule["host"] for name, rule in rules.items()} == {"cruddur-dev-backend-flask": "b"}


def test_plain_terragrunt_as_the_readme_has_it_takes_the_tracing_units(tree: Tree) -> None:
    """Neither unit access, which is refused without `github`, nor what `make deploy` adds."""
    text = (tree.config.parent / "README.md").read_text().replace("\\\n", " ")
    runs = [line for line in text.splitlines() if "terragrunt run --all" in line]
    assert len(runs) == 2
    for line in runs:
        words = shlex.split(line)
        filters = [words[place + 1] for place, word in enumerate(words) if word == "--filter"]
        options = [option for name in filters for option in ("--filter", name)]
        found = tree.terragrunt("dev", "find", *options)
        assert found.output.split() == ["honeycomb", "honeycomb-key", "logs", "xray"], found.text
