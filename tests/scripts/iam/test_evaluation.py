"""What policies say of calls: each element and condition operator, and what can't be told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.iam.conditions import holds
from scripts.iam.evaluation import Call, Verdict, evaluate
from scripts.iam.policies import PolicyError, Statement, read

ARN = "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"
CONTEXT = {
    "aws:requestedregion": ("us-east-1",),
    "aws:securetransport": ("true",),
    "kms:viaservice": ("ssm.us-east-1.amazonaws.com",),
    "kms:encryptioncontext:parameter_arn": ("arn:aws:ssm:us-east-1:1:parameter/a/*",),
    "sts:externalid": (),
    "aws:tagkeys": ("one", "two"),
}
CALL = Call("ssm:GetParameter", ARN, CONTEXT)


def _verdict(*statements: dict[str, Any], call: Call = CALL) -> Verdict:
    return evaluate(read("p", {"Version": "2012-10-17", "Statement": list(statements)}), call)


def _allow(**members: Any) -> dict[str, Any]:
    return _with({"Effect": "Allow", "Action": "*", "Resource": "*"}, members)


def _deny(**members: Any) -> dict[str, Any]:
    return _with({"Effect": "Deny", "Action": "*", "Resource": "*"}, members)


def _with(statement: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    replaced = {name.removeprefix("Not") for name in members if name.startswith("Not")}
    return {name: value for name, value in statement.items() if name not in replaced} | members


UNTOLD = {"StringEquals": {"aws:PrincipalTag/team": "x"}}


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], Verdict.SILENT),
        ([_allow()], Verdict.ALLOWED),
        ([_allow(), _deny()], Verdict.DENIED),
        ([_deny(), _allow()], Verdict.DENIED),
        ([_deny()], Verdict.DENIED),
        ([_allow(Action="ssm:Get*")], Verdict.ALLOWED),
        ([_allow(Action=["s3:*", "SSM:getparameter"])], Verdict.ALLOWED),
        ([_allow(Action="ssm:GetParameter?")], Verdict.SILENT),
        ([_allow(Resource=ARN)], Verdict.ALLOWED),
        ([_allow(Resource="arn:aws:ssm:*:*:parameter/a/?")], Verdict.ALLOWED),
        ([_allow(Resource=ARN.upper())], Verdict.SILENT),
        ([_allow(Resource=[ARN + "/c", ARN[:-1]])], Verdict.SILENT),
        ([_allow(), _deny(Resource=ARN + "x")], Verdict.ALLOWED),
        ([_allow(NotAction="s3:*")], Verdict.ALLOWED),
        ([_allow(NotAction=["s3:*", "ssm:Get*"])], Verdict.SILENT),
        ([_allow(NotResource="arn:aws:s3:::*")], Verdict.ALLOWED),
        ([_allow(NotResource=ARN)], Verdict.SILENT),
        ([_allow(), _deny(NotAction="ssm:*")], Verdict.ALLOWED),
        ([_allow(), _deny(NotResource="arn:aws:s3:::*")], Verdict.DENIED),
        ([_allow(Condition=UNTOLD)], Verdict.UNKNOWN),
        ([_allow(Condition=UNTOLD), _allow()], Verdict.ALLOWED),
        ([_allow(), _deny(Condition=UNTOLD)], Verdict.UNKNOWN),
        ([_allow(), _deny(Condition=UNTOLD), _deny()], Verdict.DENIED),
        ([_allow(Action="s3:*", Condition=UNTOLD)], Verdict.SILENT),
        ([_allow(Resource="arn:aws:ssm:*/${aws:username}")], Verdict.UNKNOWN),
        ([_allow(), _deny(Resource="${aws:username}")], Verdict.UNKNOWN),
    ],
)
def test_statements(statements: list[dict[str, Any]], verdict: Verdict) -> None:
    """An explicit Deny wins; Not forms and wildcards count; what can't be told is told as that."""
    assert _verdict(*statements) is verdict


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([_allow(Resource="g:*")], Verdict.ALLOWED),
        ([_allow(Resource="g:stream:*")], Verdict.ALLOWED),
        ([_allow(Resource="g:stream:a*")], Verdict.UNKNOWN),
        ([_allow(NotResource="g:stream:a")], Verdict.UNKNOWN),
        ([_allow(), _deny(Resource="g:stream:secret")], Verdict.DENIED),
        ([_allow(), _deny(NotResource="g:stream:*")], Verdict.ALLOWED),
    ],
)
def test_a_call_on_a_pattern_wants_all_of_it(statements: list[dict[str, Any]], verdict: Verdict) -> None:
    """An Allow of a part is none that could be told; a Deny of a part is a Deny."""
    assert _verdict(*statements, call=Call("logs:PutLogEvents", "g:stream:*")) is verdict


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ({}, True),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"AWS:requestedregion": ["eu-west-1", "us-east-1"]}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "US-EAST-1"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-*"}}, False),
        ({"StringEqualsIgnoreCase": {"aws:RequestedRegion": "US-EAST-1"}}, True),
        ({"StringNotEqualsIgnoreCase": {"aws:RequestedRegion": "US-EAST-1"}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
        ({"StringLike": {"aws:RequestedRegion": "us-*"}}, True),
        ({"StringNotLike": {"aws:RequestedRegion": "us-*"}}, False),
        ({"ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:*:*:parameter/a/*"}}, True),
        ({"ArnEquals": {"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:*:1:parameter/a/*"}}, True),
        ({"ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:*:1:parameter/a/b"}}, None),
        ({"ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:*:1:parameter/b/*"}}, False),
        ({"ArnNotLike": {"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:*:1:parameter/b/*"}}, True),
        (
            {
                "StringEquals": {
                    "kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:us-east-1:1:parameter/a/x"
                }
            },
            None,
        ),
        ({"ArnLike": {"kms:EncryptionContext:PARAMETER_ARN": "*"}}, None),
        ({"ArnLike": {"aws:RequestedRegion": "arn:aws:ssm:*:1:parameter/b/*"}}, None),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringEquals": {"sts:ExternalId": "x"}}, False),
        ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, True),
        ({"StringNotEquals": {"sts:ExternalId": "x"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, None),
        ({"StringEqualsIfExists": {"aws:PrincipalTag/team": "x"}}, None),
        ({"StringEquals": {"aws:PrincipalTag/team": "x", "aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "${aws:SourceRegion}"}}, None),
        ({"StringEquals": {"aws:TagKeys": "one"}}, None),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "one"}}, None),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, None),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, None),
        ({"StringFrobs": {"aws:RequestedRegion": "us-east-1"}}, None),
    ],
)
def test_conditions(condition: dict[str, Any], held: bool | None) -> None:
    """Conditions hold, don't, or can't be told: by operators, keys and variables that aren't known."""
    [statement] = read("p", {"Statement": _allow(Condition=condition)})
    assert holds(statement.conditions, CONTEXT) is held


@pytest.mark.parametrize(
    "document",
    [
        "",
        None,
        [],
        {},
        {"Statement": 5},
        {"Statement": ["x"]},
        {"Statement": [{}]},
        {"Statement": _allow(Effect="allow")},
        {"Statement": _allow(Effect="")},
        {"Statement": _allow(Effect=["Allow"])},
        {"Statement": _allow(Principal="*")},
        {"Statement": {"Effect": "Allow", "Action": "*"}},
        {"Statement": _allow() | {"NotAction": "s3:*"}},
        {"Statement": _allow(Action=[])},
        {"Statement": _allow(Action=[{}])},
        {"Statement": _allow(Condition="x")},
        {"Statement": _allow(Condition={"StringEquals": "x"})},
        {"Statement": _allow(Condition={"StringEquals": {"a": None}})},
    ],
)
def test_documents_that_are_no_policy_are_refused(document: object) -> None:
    """None of them is taken for one that says less; the message names the place."""
    with pytest.raises(PolicyError, match="inline policy x"):
        read("inline policy x", document)


ACTIONS = st.sampled_from(["ssm:GetParameter", "ssm:*", "s3:*", "*"])
STATEMENTS = st.builds(
    Statement,
    place=st.just("p"),
    denies=st.booleans(),
    actions=ACTIONS.map(lambda action: (action.lower(),)),
    resources=st.sampled_from([ARN, "*", "arn:aws:s3:::*", "${aws:username}"]).map(lambda text: (text,)),
    not_actions=st.booleans(),
    not_resources=st.booleans(),
    conditions=st.sampled_from(
        [
            {},
            {"Bool": {"aws:securetransport": ("false",)}},
            {"Bool": {"aws:multifactorauthpresent": ("true",)}},
        ]
    ),
)


@given(st.lists(STATEMENTS, max_size=6), STATEMENTS)
def test_another_statement_only_ever_changes_things_its_own_way(
    statements: list[Statement], more: Statement
) -> None:
    """A Deny more never allows, an Allow more never takes away, and the order never counts."""
    before, after = evaluate(statements, CALL), evaluate([*statements, more], CALL)
    assert after is evaluate([more, *reversed(statements)], CALL)
    if more.denies:
        assert after is before or after in {Verdict.DENIED, Verdict.UNKNOWN}
        assert before is Verdict.ALLOWED or after is not Verdict.ALLOWED
    else:
        assert (before is Verdict.DENIED) is (after is Verdict.DENIED)
        assert before is not Verdict.ALLOWED or after is Verdict.ALLOWED


@given(st.lists(STATEMENTS, max_size=6))
def test_what_can_be_told_does_not_hang_on_what_cannot(statements: list[Statement]) -> None:
    """Where the verdict isn't unknown, it is the same whichever way each unknown statement would go."""
    verdict = evaluate(statements, CALL)
    if verdict is Verdict.UNKNOWN:
        return
    without = [one for one in statements if evaluate([one], CALL) is not Verdict.UNKNOWN]
    taken = [
        one if evaluate([one], CALL) is not Verdict.UNKNOWN else Statement("p", one.denies, ("*",), ("*",))
        for one in statements
    ]
    assert evaluate(without, CALL) is verdict
    assert evaluate(taken, CALL) is verdict
