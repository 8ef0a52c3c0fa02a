"""Unit access with authorisation switched on: each role may do its work, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError

from scripts.iam import backend_calls, unit_calls
from tests.backend.process.backend_process import GUNICORN, started
from tests.end_to_end.backend import KEY_PARAMETER, refused_start, tracing_of, until
from tests.end_to_end.roles import NAME, Session, client, daemon_of, statements_of
from tests.end_to_end.test_backend_permissions import authorising

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_ssm import SSMClient

    from scripts.iam.evaluation import Call
    from tests.end_to_end.backend import Stage
    from tests.end_to_end.checkout import Checkout

PATH = "/cruddur/local/backend-flask"
KEY = f"{PATH}/honeycomb/api-key"
ROLLBAR = f"{PATH}/rollbar/access-token"
ROLES = ("task", "execution", "plan", "apply", "deploy", "verify")
_NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})
BUCKET = "cruddur-local-terraform-state-123456789012"
# What verify asks only where there is a reason to.
ASKED_SOMETIMES = {
    **dict.fromkeys(("iam:GetPolicy", "iam:GetPolicyVersion"), "where a policy is attached to a role"),
    "logs:FilterLogEvents": "with LOADED=logs",
    "s3:ListBucket": "never: without it S3 tells of a state that isn't there that it is forbidden",
    "ssm:GetParameterHistory": "where workers say what they loaded, of the key",
    **dict.fromkeys(("xray:BatchGetTraces", "xray:GetServiceGraph"), "where X-Ray has traces of the service"),
}
DENIED = {"AccessDenied", "AccessDeniedException", "403"}


@pytest.fixture(scope="module")
def access(applied: Checkout) -> Iterator[Checkout]:
    """The checkout with the tracing units and unit access applied; the latter is removed again."""
    applied.succeed("apply", "--unit", "access")
    try:
        yield applied
    finally:
        text = applied.succeed("destroy", "--unit", "access")
        assert "destroyed in access" in text


@pytest.fixture
def authorised(access: Checkout) -> Iterator[Checkout]:
    """The same while authorisation is on."""
    with authorising(access.addresses()["AWS_ENDPOINT_URL"]):
        yield access


@pytest.fixture
def rollbar_token(access: Checkout, ssm: SSMClient) -> Iterator[None]:
    """A second secret below the path."""
    ssm.put_parameter(Name=ROLLBAR, Value="r" * 32, Type="SecureString")
    yield
    ssm.delete_parameter(Name=ROLLBAR)


def _actions(cloud: Checkout, role: str) -> set[str]:
    """Return the actions that the role's policies allow; every one of them is named whole."""
    allowing = (one["Action"] for one in statements_of(cloud, role) if one["Effect"] == "Allow")
    found = {action for one in allowing for action in ([one] if isinstance(one, str) else one)}
    assert not [action for action in found if "*" in action]
    return found


def test_verify_looks_at_the_roles_once_they_are_there(access: Checkout) -> None:
    """One check for each role, and all pass with the others; a second plan shows no change."""
    code, document = access.verify()
    found = {check["id"]: check for check in document["checks"] if check["id"].startswith("iam.")}
    assert set(found) == {f"iam.{NAME}-{role}" for role in ROLES}
    assert (code, document["summary"]["fail"], document["summary"]["skip"]) == (0, 0, 0)
    assert "no changes in access" in access.succeed("plan", "--unit", "access")


def test_the_backend_calls_what_its_role_allows_and_nothing_else(
    authorised: Checkout, rollbar_token: None, key: str, tmp_path: Path
) -> None:
    """Backend and daemon work with the task role's own credentials, and use each action of its policy.

    Once with Honeycomb's key out of SSM and with logs to CloudWatch, once with the key in a variable.
    """
    session = Session.of(authorised, "task")
    addresses = authorised.addresses()
    with daemon_of(session) as daemon:
        environment = {
            **{name: addresses[name] for name in ("AWS_ENDPOINT_URL", "AWS_REGION")},
            **session.variables,
            "AWS_XRAY_DAEMON_ADDRESS": daemon,
            "TRACING_PARAMETER_PATH": PATH,
            "TRACING_REQUIRED": "true",
            "LOGS_CLOUDWATCH": "true",
            "GUNICORN_WORKERS": "1",
            "ROLLBAR_API_ENDPOINT": "http://127.0.0.1:9",
        }
        header = {"OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={key}"}
        for number, more in enumerate(({}, header)):
            folder = tmp_path / str(number)
            folder.mkdir()
            with started(GUNICORN, folder, {**environment, **more}) as backend:
                backend.wait_until_serving()
                assert backend.get("/api/activities/home").ok
                assert tracing_of(backend)["problems"] == []
                wanted = _actions(authorised, "task") - ({"ssm:GetParameters"} if not more else set())
                until(lambda: set(session.calls()), lambda seen: seen >= wanted)  # noqa: B023
    calls = session.calls()
    listed = {call.action for call in _listed(kms_key=None)}
    assert set(calls) == listed == _actions(authorised, "task")
    refused = {action for action, statuses in calls.items() if max(statuses) >= requests.codes.bad_request}
    # A stream is made once writing to it has shown that it is missing.
    assert refused <= {"logs:PutLogEvents"}
    assert all(requests.codes.ok in statuses for statuses in calls.values())


def _listed(kms_key: str | None) -> list[Call]:
    return backend_calls.at(
        backend_calls.Place("aws", "us-east-1", "123456789012", PATH, NAME, PATH, kms_key)
    )


def test_the_listed_calls_are_enough_under_a_kms_key_of_ours(
    stage: Stage, authorised: Checkout, tmp_path: Path
) -> None:
    """A role with the list for its policy decrypts by that key, through SSM and for its own path alone."""
    iam, kms = client(authorised, "iam"), client(authorised, "kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    stage.remove(KEY_PARAMETER)
    stage.put(KEY_PARAMETER, stage.key, KeyId=arn)
    place = backend_calls.Place("aws", "us-east-1", "123456789012", stage.path, stage.name, stage.path, arn)
    calls = backend_calls.at(place)
    iam.create_role(RoleName=f"{NAME}-{stage.name}", AssumeRolePolicyDocument=_NOBODY)
    try:
        for limited, is_enough in ((calls, True), (_of_another_path(calls), False)):
            policy = json.dumps({"Version": "2012-10-17", "Statement": [_allowing(call) for call in limited]})
            iam.put_role_policy(RoleName=f"{NAME}-{stage.name}", PolicyName="own", PolicyDocument=policy)
            session = Session.of(authorised, stage.name)
            if is_enough:
                with stage.serving(tmp_path, TRACING_REQUIRED="true", **session.variables) as backend:
                    assert tracing_of(backend)["problems"] == []
            else:
                line = refused_start(tmp_path, stage.environment(**session.variables))
                assert "access is denied: allow kms:Decrypt on the key" in line
                assert arn in line
    finally:
        iam.delete_role_policy(RoleName=f"{NAME}-{stage.name}", PolicyName="own")
        iam.delete_role(RoleName=f"{NAME}-{stage.name}")
        kms.schedule_key_deletion(KeyId=arn.rpartition("/")[2], PendingWindowInDays=7)


def _allowing(call: Call) -> dict[str, Any]:
    conditions = {
        operator: {key: list(values) for key, values in keys.items()}
        for operator, keys in call.conditions.items()
    }
    return {"Effect": "Allow", "Action": call.action, "Resource": call.resource, "Condition": conditions}


def _of_another_path(calls: list[Call]) -> list[Call]:
    """Return *calls* with decryption limited to another path's parameters."""
    elsewhere = {"ArnLike": {"kms:encryptioncontext:parameter_arn": (f"arn:aws:ssm:*:*:parameter{PATH}/*",)}}
    return [
        replace(call, conditions={**call.conditions, **elsewhere}) if call.conditions else call
        for call in calls
    ]


def test_the_plan_role_plans_and_never_reads_the_key(authorised: Checkout, tmp_path: Path) -> None:
    """It plans what pull requests plan; the key's value, copies of it and its state are closed to it."""
    session = Session.of(authorised, "plan")
    variables = session.local_folder(authorised, tmp_path / "local")
    text = authorised.succeed("plan", "--unit", "xray", environment=variables)
    assert "no changes in xray" in text
    used = session.actions()
    assert "xray:PutTraceSegments" in used
    # What it reads of every unit: tests/terraform/test_access_calls.py. This environment has no hosted zone.
    of_units = {one for one in unit_calls.needed_by(unit_calls.PLAN) if not one.startswith("route53:")}
    assert used | of_units == _actions(authorised, "plan")
    assert authorised.run("plan", "--unit", "honeycomb-key", environment=variables).returncode == 2
    _closed_to(session)
    s3 = session.client("s3")
    _denied(s3.put_object, Bucket=BUCKET, Key="backend-flask/xray/terraform.tfstate", Body=b"{}")
    _denied(session.client("xray").update_group, GroupName=NAME, FilterExpression="fault")
    _denied(session.client("iam").get_role, RoleName=f"{NAME}-task")


def test_the_apply_role_applies_what_workflows_apply(authorised: Checkout, tmp_path: Path) -> None:
    """It removes and makes a unit, never reads or writes the key, and gets itself no more rights.

    With each of its units, in every phase: tests/terraform/test_access_calls.py.
    """
    session = Session.of(authorised, "apply")
    variables = session.local_folder(authorised, tmp_path / "local")
    authorised.succeed("destroy", "--unit", "logs", environment=variables)
    text = authorised.succeed("apply", "--unit", "logs", environment=variables)
    assert "added in logs" in text
    assert session.actions() <= _actions(authorised, "apply")
    for unit in ("honeycomb-key", "access"):
        assert authorised.run("apply", "--unit", unit, environment=variables).returncode == 2
    _closed_to(session)
    _denied(session.client("ssm").put_parameter, Name=KEY, Value="x", Type="String", Overwrite=True)
    role, iam = {"RoleName": f"{NAME}-apply"}, session.client("iam")
    _denied(iam.put_role_policy, **role, PolicyName="more", PolicyDocument="{}")
    _denied(iam.attach_role_policy, **role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    _denied(session.client("xray").delete_group, GroupName="another")
    task = f"arn:aws:iam::123456789012:role/{NAME}-task"
    _denied(session.client("sts").assume_role, RoleArn=task, RoleSessionName="more")


def test_the_verify_role_verifies(authorised: Checkout, tmp_path: Path) -> None:
    """Every check passes with its rights alone, which change nothing; each of them is there for a call."""
    session = Session.of(authorised, "verify")
    code, document = authorised.verify(environment=session.local_folder(authorised, tmp_path / "local"))
    assert [check for check in document["checks"] if check["status"] != "pass"] == []
    assert code == 0
    assert session.actions() | set(ASKED_SOMETIMES) == _actions(authorised, "verify")
    _denied(session.client("ssm").put_parameter, Name=KEY, Value="x", Type="String", Overwrite=True)
    _denied(session.client("xray").put_trace_segments, TraceSegmentDocuments=["{}"])


def _closed_to(session: Session) -> None:
    """The key's value, whichever way it is asked for, and its state are closed to the role."""
    ssm = session.client("ssm")
    for decrypted in (False, True):
        _denied(ssm.get_parameter, Name=KEY, WithDecryption=decrypted)
        _denied(ssm.get_parameters, Names=[KEY], WithDecryption=decrypted)
        _denied(ssm.get_parameter_history, Name=KEY, WithDecryption=decrypted)
        _denied(ssm.get_parameters_by_path, Path=PATH, Recursive=True, WithDecryption=decrypted)
        _denied(ssm.get_parameters_by_path, Path=f"{PATH}/honeycomb", WithDecryption=decrypted)
        _denied(ssm.get_parameters_by_path, Path="/cruddur", Recursive=True, WithDecryption=decrypted)
    state = "backend-flask/honeycomb-key/terraform.tfstate"
    _denied(session.client("s3").get_object, Bucket=BUCKET, Key=state)


def _denied(call: Any, **parameters: Any) -> None:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] in DENIED
