"""What policies say: pure evaluation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.authorisation.conditions import holds
from localcloud.aws.authorisation.policies import Verdict, evaluate, read_policy
from localcloud.aws.authorisation.wildcards import matches

ACTION = "ssm:GetParameter"
ARN = "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"
CONTEXT: dict[str, list[str]] = {
    "aws:username": ["alice"],
    "aws:requestedregion": ["us-east-1"],
    "aws:sourceip": ["127.0.0.1"],
    "aws:securetransport": ["true"],
    "aws:epochtime": ["1700000000"],
    "aws:currenttime": ["2023-11-14T22:13:20+00:00"],
    "sts:externalid": [],
}


def _verdict(*statements: dict[str, Any]) -> Verdict:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return evaluate(read_policy(policy), ACTION, ARN, CONTEXT)


def _allow(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **members}


def _deny(**members: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", **members}


def _without(statement: dict[str, Any], *names: str, **members: Any) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key not in names} | members


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], Verdict.SILENT),
        ([_allow()], Verdict.ALLOWED),
        ([_allow(), _deny()], Verdict.DENIED),
        ([_deny(), _allow()], Verdict.DENIED),
        ([_allow(Action="ssm:Get*")], Verdict.ALLOWED),
        ([_allow(Action=["s3:*", "SSM:getparameter"])], Verdict.ALLOWED),
        ([_allow(Action="ssm:GetParameter?")], Verdict.SILENT),
        ([_allow(Action="ssm:GetParameters")], Verdict.SILENT),
        ([_allow(Resource=ARN)], Verdict.ALLOWED),
        ([_allow(Resource="arn:aws:ssm:*:*:parameter/a/*")], Verdict.ALLOWED),
        ([_allow(Resource=ARN.upper())], Verdict.SILENT),
        ([_allow(Resource=[ARN + "/c", ARN[:-1]])], Verdict.SILENT),
        ([_allow(), _deny(Resource=ARN + "x")], Verdict.ALLOWED),
        ([_without(_allow(), "Action", NotAction="s3:*")], Verdict.ALLOWED),
        ([_without(_allow(), "Action", NotAction="ssm:*")], Verdict.SILENT),
        ([_without(_allow(), "Resource", NotResource="arn:aws:s3:::*")], Verdict.ALLOWED),
        ([_without(_allow(), "Resource", NotResource=ARN)], Verdict.SILENT),
        ([_allow(), _without(_deny(), "Action", NotAction="ssm:*")], Verdict.ALLOWED),
        ([_allow(Resource="arn:aws:ssm:us-east-1:123456789012:parameter/${aws:username}")], Verdict.SILENT),
        ([_allow(Resource="arn:aws:ssm:*/${*}/b")], Verdict.ALLOWED),
        ([_allow(Resource="*${aws:PrincipalTag/team}*")], Verdict.SILENT),
        ([_allow(), _deny(Resource="arn:${aws:PrincipalTag/team}")], Verdict.DENIED),
        ([_without(_allow(), "Resource", NotResource="${aws:PrincipalTag/team}")], Verdict.SILENT),
        ([_without(_allow(), "Resource")], Verdict.SILENT),
    ],
)
def test_statements(statements: list[dict[str, Any]], verdict: Verdict) -> None:
    """Explicit Deny wins, wildcards and Not forms count, unknown variables never widen rights."""
    assert _verdict(*statements) is verdict


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ({}, True),
        ({"StringEquals": {"aws:username": "alice"}}, True),
        ({"StringEquals": {"AWS:UserName": ["bob", "alice"]}}, True),
        ({"StringEquals": {"aws:username": "Alice"}}, False),
        ({"StringEqualsIgnoreCase": {"aws:username": "Alice"}}, True),
        ({"StringNotEquals": {"aws:username": "alice"}}, False),
        ({"StringLike": {"aws:username": "al*"}}, True),
        ({"StringNotLike": {"aws:username": "al*"}}, False),
        ({"StringEquals": {"aws:username": "alice", "aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"sts:ExternalId": "x"}}, False),
        ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, True),
        ({"StringNotEquals": {"sts:ExternalId": "x"}}, True),
        ({"Null": {"sts:ExternalId": "true"}}, True),
        ({"Null": {"aws:username": True}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, False),
        ({"NumericLessThan": {"aws:EpochTime": "1800000000"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"}}, False),
        ({"ForAnyValue:StringEquals": {"sts:ExternalId": "x"}}, False),
        ({"ForAllValues:StringEquals": {"sts:ExternalId": "x"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, None),
        ({"StringFrobs": {"aws:username": "alice"}}, None),
        ({"NumericEquals": {"aws:username": "1"}}, None),
        ({"StringEquals": {"aws:PrincipalTag/team": "x", "aws:username": "bob"}}, False),
        ({"StringEquals": "nonsense"}, None),
    ],
)
def test_conditions(condition: dict[str, Any], held: bool | None) -> None:
    """Conditions hold, don't, or can't be told."""
    assert holds(condition, CONTEXT) is held


def test_what_cannot_be_told_counts_against_the_caller() -> None:
    """An unknown key keeps an Allow from allowing, and a Deny from being passed."""
    unknown = {"StringEquals": {"aws:PrincipalTag/team": "x"}}
    assert _verdict(_allow(Condition=unknown)) is Verdict.SILENT
    assert _verdict(_allow(), _deny(Condition=unknown)) is Verdict.DENIED


@pytest.mark.parametrize("document", ["", "{", "[]", '{"Statement": 5}', '{"Statement": [{}]}'])
def test_unreadable_policies_deny(document: str) -> None:
    """A policy that can't be read never allows."""
    assert evaluate(read_policy(document), ACTION, ARN, CONTEXT) is Verdict.DENIED


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=8))
def test_wildcards_agree_with_their_definition(pattern: str, text: str) -> None:
    """The compiled form matches what the definition by recursion matches."""

    def defined(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return defined(pattern[1:], text) or (bool(text) and defined(pattern, text[1:]))
        return bool(text) and pattern[0] in {"?", text[0]} and defined(pattern[1:], text[1:])

    assert matches(pattern, text) == defined(pattern, text)
