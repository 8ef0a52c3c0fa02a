"""What policies allow beyond the calls that are needed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.iam import backend_calls
from scripts.iam.evaluation import Call, Verdict, evaluate
from scripts.iam.excess import excess
from scripts.iam.policies import read

KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
PLACE = backend_calls.Place(
    "aws", "us-east-1", "123456789012", "/cruddur/dev/backend-flask", "cruddur-dev", "/cruddur/dev", KEY
)
CALLS = backend_calls.at(PLACE)
VIA = {"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}
PARAMETERS = "arn:aws:ssm:us-east-1:123456789012:parameter/cruddur/dev/backend-flask"
UNLIMITED = "without the limit by kms:encryptioncontext:parameter_arn, kms:viaservice"
OF = {"ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": f"{PARAMETERS}/*"}}


def _statement(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _as_needed(calls: list[Call]) -> list[dict[str, Any]]:
    return [
        _statement(
            call.action,
            call.resource,
            **(
                {
                    "Condition": {
                        op: {k: list(v) for k, v in keys.items()} for op, keys in call.conditions.items()
                    }
                }
                if call.conditions
                else {}
            ),
        )
        for call in calls
    ]


def test_a_policy_of_the_very_calls_allows_them_and_nothing_wider() -> None:
    """The list, written as a policy, passes by itself."""
    statements = read("p", _policy(*_as_needed(CALLS)))
    assert [call for call in CALLS if evaluate(statements, call) is not Verdict.ALLOWED] == []
    assert excess(statements, CALLS) == []


def test_without_a_kms_key_of_ours_no_right_to_kms_is_needed() -> None:
    """The policy of SSM's own key lets in who may read the parameter; a right to KMS is wider then."""
    calls = backend_calls.at(backend_calls.Place(**{**PLACE.__dict__, "kms_key": None}))
    assert [call.action for call in CALLS if call not in calls] == ["kms:Decrypt"]
    statements = read("p", _policy(*_as_needed(CALLS)))
    assert excess(statements, calls) == [f"kms:decrypt on {KEY} (p)"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (_statement("*", "*"), "* on * (inline policy x)"),
        (_statement("ssm:*", PARAMETERS), f"ssm:* on {PARAMETERS} (inline policy x)"),
        (_statement("ssm:GetParametersByPath", "*"), "ssm:getparametersbypath on * (inline policy x)"),
        (
            _statement("ssm:GetParametersByPath", f"{PARAMETERS}*"),
            f"ssm:getparametersbypath on {PARAMETERS}* (inline policy x)",
        ),
        (
            _statement("kms:Decrypt", KEY),
            f"kms:decrypt on {KEY} {UNLIMITED} (inline policy x)",
        ),
        (
            _statement("kms:Decrypt", KEY, Condition=VIA),
            f"kms:decrypt on {KEY} {UNLIMITED} (inline policy x)",
        ),
        (
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            "all but iam:* on * (inline policy x)",
        ),
        (
            {"Effect": "Allow", "Action": "xray:GetSamplingRules", "NotResource": "arn:aws:s3:::x"},
            "xray:getsamplingrules on all but arn:aws:s3:::x (inline policy x)",
        ),
    ],
)
def test_wider_rights_are_named(statement: dict[str, Any], told: str) -> None:
    """Each with action, resource and the policy that gives it."""
    assert excess(read("inline policy x", _policy(statement)), CALLS) == [told]


@pytest.mark.parametrize(
    "condition",
    [
        VIA | OF,
        VIA
        | {"StringEquals": {**VIA["StringEquals"], "kms:EncryptionContext:PARAMETER_ARN": f"{PARAMETERS}/a"}},
        VIA | OF | {"Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"kms:ViaService": ["ssm.us-east-1.amazonaws.com"]}} | OF,
    ],
)
def test_narrower_rights_are_not_told(condition: dict[str, Any]) -> None:
    """A right that is limited further is no wider one."""
    assert excess(read("p", _policy(_statement("kms:Decrypt", KEY, Condition=condition))), CALLS) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualsIfExists": VIA["StringEquals"]} | OF,
        {"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}} | OF,
        {"StringLike": {"kms:ViaService": "*.us-east-1.amazonaws.com"}} | OF,
        {"StringEquals": {"kms:ViaService": ["ssm.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"]}}
        | OF,
        VIA | {"ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:*:*:parameter/*"}},
    ],
)
def test_looser_limits_are_told(condition: dict[str, Any]) -> None:
    """Limits that let more values through, or calls without the key, are no such limits."""
    assert len(excess(read("p", _policy(_statement("kms:Decrypt", KEY, Condition=condition))), CALLS)) == 1


@given(
    st.lists(
        st.builds(
            _statement,
            st.sampled_from(["xray:*", "xray:GetGroup", "xray:getsamplingrules", "ssm:GetParameters", "*"]),
            st.sampled_from(
                ["*", f"{PARAMETERS}/*", f"{PARAMETERS}/rollbar/access-token", CALLS[3].resource]
            ),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(
        [
            Call("xray:DeleteGroup", "arn:aws:xray:us-east-1:123456789012:group/other/X"),
            Call("ssm:GetParameters", f"{PARAMETERS}/honeycomb/api-key"),
            Call("iam:CreateUser", "*"),
        ]
    ),
)
def test_whatever_is_allowed_beyond_the_list_is_told(statements: list[dict[str, Any]], call: Call) -> None:
    """A policy that allows a call which is not on the list always has an excess."""
    policy = read("p", _policy(*statements))
    if evaluate(policy, call) is Verdict.ALLOWED:
        assert excess(policy, CALLS) != []
