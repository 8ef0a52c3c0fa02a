"""What is read from Terragrunt's and Terraform's own output."""

from __future__ import annotations

from scripts.terragrunt.diagnosis import chosen, locked, unlocking
from scripts.terragrunt.log import Changes, RunLog
from scripts.terragrunt.summary import done, planned

PLAN = """\
12:00:01.001 INFO   The following units will be run, starting with dependencies and then their dependents:
.
├── honeycomb
╰── xray
12:00:02.001 STDOUT [xray] terraform: Plan: 1 to add, 2 to change, 3 to destroy.
12:00:02.001 STDOUT [honeycomb] terraform: No changes. Your infrastructure matches the configuration.
"""
OUT = "12:00:03.001 STDOUT"
LOCK = """\
12:00:02.001 STDERR [xray] terraform: ╷
12:00:02.001 STDERR [xray] terraform: │ Error: Error acquiring the state lock
12:00:02.001 STDERR [xray] terraform: │
12:00:02.001 STDERR [xray] terraform: │ Error message: operation error S3: PutObject, StatusCode: 412
12:00:02.001 STDERR [xray] terraform: │ Lock Info:
12:00:02.001 STDERR [xray] terraform: │   ID:        0000-1111
12:00:02.001 STDERR [xray] terraform: │   Path:      bucket/xray/terraform.tfstate
12:00:02.001 STDERR [xray] terraform: │   Operation: OperationTypeApply
12:00:02.001 STDERR [xray] terraform: │   Who:       alice@laptop
12:00:02.001 STDERR [xray] terraform: │   Version:   1.11.4
12:00:02.001 STDERR [xray] terraform: │   Created:   2026-11-20 11:00:00.123 +0000 UTC
12:00:02.001 STDERR [xray] terraform: │   Info:
12:00:02.001 STDERR [xray] terraform: ╵
12:00:02.002 ERROR  [xray] terraform invocation failed in ./xray
"""
LIMIT = """\
12:00:02.001 STDERR [xray] terraform: ╷
12:00:02.001 STDERR [xray] terraform: │ Error: Invalid value for variable
12:00:02.001 STDERR [xray] terraform: │
12:00:02.001 STDERR [xray] terraform: │   on variables.tf line 3:
12:00:02.001 STDERR [xray] terraform: │ fixed_rate must be from 0 to 1: a has 1.5.
12:00:02.001 STDERR [xray] terraform: ╵
12:00:02.002 ERROR  Unit xray has failed
"""
NOT_APPLIED = """\
12:00:02.001 ERROR  [service] Error: Unknown variable
12:00:02.001 ERROR  [service] There is no variable named "dependency".
12:00:02.002 ERROR  Run failed: 1 error occurred:

* resolving dependency "network" outputs: /x/config/dev/network/terragrunt.hcl is a dependency of /x/config/\
dev/service/terragrunt.hcl but detected no outputs. Either the target module has not been applied yet, or
"""


def _read(text: str) -> RunLog:
    log = RunLog()
    for line in text.splitlines():
        log.feed(line)
    return log


def test_changes_of_each_unit() -> None:
    """A plan's numbers go to the unit that they stand behind."""
    log = _read(PLAN)
    assert log.changes == {"xray": Changes(1, 2, 3), "honeycomb": Changes(0, 0, 0)}
    units = ["honeycomb", "xray"]
    assert (
        planned(units, log.changes) == "no changes in honeycomb; 1 to add, 2 to change, 3 to destroy in xray"
    )


def test_apply_and_destroy_count_what_was_done() -> None:
    """What came to pass replaces what was planned."""
    log = _read(
        PLAN
        + f"{OUT} [xray] terraform: Apply complete! Resources: 1 added, 0 changed, 0 destroyed.\n"
        + f"{OUT} [honeycomb] terraform: Destroy complete! Resources: 4 destroyed.\n"
    )
    assert done(["honeycomb", "xray"], log.changes) == "4 destroyed in honeycomb; 1 added in xray"
    assert (log.planned, _read(PLAN).planned) == (set(), {"xray"})


def test_imported_resources_count_too() -> None:
    """Terraform puts them before the others."""
    line = "12:00:02.001 STDOUT [xray] terraform: Plan: 2 to import, 1 to add, 0 to change, 0 to destroy."
    assert planned(["xray"], _read(line).changes) == "2 to import, 1 to add in xray"


def test_the_holder_of_a_lock() -> None:
    """Terraform's own fields become one sentence and a remedy."""
    log = _read(LOCK)
    assert locked(log.lock) == (
        "of xray is locked by alice@laptop (OperationTypeApply) since 2026-11-20 11:00:00.123 +0000 UTC"
    )
    assert "`make unlock ENV=dev LOCK=0000-1111`" in unlocking("dev", log.lock["ID"])


def test_terraforms_own_error_comes_before_terragrunts_account_of_it() -> None:
    """The one with the limit in it."""
    problem = chosen(_read(LIMIT).problems)
    assert problem is not None
    assert problem.unit == "xray"
    assert problem.text.startswith("Invalid value for variable")
    assert "fixed_rate must be from 0 to 1: a has 1.5." in problem.text


def test_what_the_plan_prints_meanwhile_is_not_an_errors_text() -> None:
    """Terraform writes both streams at once; Terragrunt's own error goes on beside it."""
    log = _read(
        "12:00:02.001 STDERR [service] terraform: Error: Resource postcondition failed\n"
        f"{OUT} [service] terraform:       + preserve_client_ip = (known after apply)\n"
        "12:00:02.001 STDERR [service] terraform: vpc_id is vpc-00000000\n"
        "and the service was made in vpc-1.\n"
        f"{OUT} [service] terraform:   - target_failover {{}}\n"
        "12:00:03.001 ERROR  [service] 1 error occurred\n"
    )
    assert [problem.text for problem in log.problems] == [
        "Resource postcondition failed vpc_id is vpc-00000000 and the service was made in vpc-1.",
        "1 error occurred",
    ]


def test_the_unit_that_another_one_lacks() -> None:
    """Both by name; in a run where nothing is lacking, none."""
    assert _read(NOT_APPLIED).lacking == {"service": "network"}
    assert _read(PLAN + LIMIT).lacking == {}


def test_lines_without_a_prefix_are_shown_as_they_are() -> None:
    """Only Terragrunt's own prefix is taken off."""
    assert RunLog.split("12:00:02.001 STDOUT [xray] terraform: hello") == ("xray", "hello")
    assert RunLog.split("12:00:01.001 INFO   hello") == ("", "hello")
    assert RunLog.split("├── honeycomb") == ("", "├── honeycomb")


def test_a_shown_lock_without_an_error_is_no_lock() -> None:
    """A plan that shows a resource's ID and Version does not look like somebody's lock."""
    assert _read("12:00:02.001 STDOUT [xray] terraform:   ID:   x\n  Version:   2\n").lock == {}
