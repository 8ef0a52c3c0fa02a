"""Which of the caller's variables reach Terragrunt, Terraform and the provider."""

from __future__ import annotations

import pytest

from scripts.environment import Environment
from scripts.secrets import CONFIGURATION_VARIABLE, KEY_VARIABLE, TERRAFORM_VARIABLE
from scripts.terragrunt.children import not_passed_on, variables

LOGS = {
    "TF_LOG",
    "TF_LOG_CORE",
    "TF_LOG_PATH",
    "TF_LOG_PROVIDER",
    "TF_LOG_SDK_PROTO_DATA_DIR",
    "TF_ACC_LOG_PATH",
}
DISTORTING = {
    *("TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_DATA_DIR", "TF_WORKSPACE"),
    *("TG_LOG_LEVEL", "TG_LOG_FORMAT", "TG_LOG_DISABLE", "TG_WORKING_DIR", "TG_NO_HOOKS", "TG_FILTER"),
}
KEPT = {
    *("HOME", "TF_PLUGIN_CACHE_DIR", "TF_VAR_project"),
    *("TG_TELEMETRY_TRACE_EXPORTER", "TG_PROVIDER_CACHE", "TG_DOWNLOAD_DIR", "AWS_PROFILE"),
}


@pytest.mark.parametrize("environment", ["local", "dev"])
@pytest.mark.parametrize("key", [None, "hcaik_" + "k" * 58])
def test_logs_and_what_distorts_a_run_are_left_out(environment: str, key: str | None) -> None:
    """In every run, with the key or without: the provider decrypts the stored one in each plan."""
    keys = {KEY_VARIABLE, CONFIGURATION_VARIABLE}
    caller = dict.fromkeys(LOGS | DISTORTING | KEPT, "x")
    child = variables(Environment(environment, caller | dict.fromkeys(keys, "x")), key=key)
    assert not (LOGS | DISTORTING | keys) & set(child)
    assert set(child) >= KEPT
    assert child.get(TERRAFORM_VARIABLE) == key
    assert set(not_passed_on(caller)) == LOGS | DISTORTING


def test_what_we_set_ourselves_stays() -> None:
    """The tool chain's variables begin alike and are ours."""
    child = variables(Environment("dev", {"TG_TF_PATH": "/theirs", "TF_INPUT": "1"}))
    assert child["TG_TF_PATH"] != "/theirs"
    assert child["TF_INPUT"] == "0"
    assert child["TF_CLI_CONFIG_FILE"]
