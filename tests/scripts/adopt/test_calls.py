"""The calls that adopt makes: each denied in turn, and throttled, is told by its name."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from scripts import aws
from scripts.adopt.finding import Found, find
from scripts.aws import Clients
from scripts.environment import Environment
from scripts.errors import OperatorError, explain
from scripts.terragrunt import units
from scripts.terragrunt.render import render
from tests.end_to_end.test_backend_permissions import User, authorising
from tests.scripts.adopt.place import NAME, PATH, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scripts.terragrunt.render import Unit

CALLS = {
    "xray:GetGroups": "GetGroups",
    "xray:GetSamplingRules": "GetSamplingRules",
    "xray:ListTagsForResource": "ListTagsForResource",
    "ssm:DescribeParameters": "DescribeParameters",
    "ssm:GetParameters": "GetParameters",
    "ssm:ListTagsForResource": "ListTagsForResource",
    "logs:DescribeLogGroups": "DescribeLogGroups",
    "logs:ListTagsForResource": "ListTagsForResource",
    "s3:GetObject": "GetObject",
}


@pytest.fixture(scope="module")
def made(ground: Place) -> Mapping[str, Unit]:
    """One thing of each kind, which these tests only look at; the units that ask for them."""
    ground.reset()
    ground.group()
    ground.rule()
    ground.parameter("honeycomb/dataset", "hand")
    ground.client("logs").create_log_group(logGroupName=PATH)
    ground.client("logs").put_retention_policy(logGroupName=PATH, retentionInDays=30)
    environment = Environment("local", {**os.environ, **ground.addresses})
    return render(environment, units.selected(environment, ""))


@pytest.fixture
def look(
    ground: Place, made: Mapping[str, Unit], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Found]]:
    """Look for what there is in this process, as the user whose variables are given."""

    def find_as(**variables: str) -> Found:
        for name, value in {**ground.addresses, **variables}.items():
            monkeypatch.setenv(name, value)
        aws.clients.cache_clear()
        return find(made, Clients("us-east-1"), [])

    yield find_as
    aws.clients.cache_clear()


@pytest.fixture(scope="module")
def user(ground: Place) -> Iterator[User]:
    """A user with nothing but what a test allows, while authorisation is on."""
    iam = ground.client("iam")
    iam.create_user(UserName="adopter")
    pair = iam.create_access_key(UserName="adopter")["AccessKey"]
    variables = {"AWS_ACCESS_KEY_ID": pair["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": pair["SecretAccessKey"]}
    try:
        with authorising(ground.addresses["AWS_ENDPOINT_URL"]):
            yield User("adopter", variables, iam)
    finally:
        for name in iam.list_user_policies(UserName="adopter")["PolicyNames"]:
            iam.delete_user_policy(UserName="adopter", PolicyName=name)
        iam.delete_access_key(UserName="adopter", AccessKeyId=pair["AccessKeyId"])
        iam.delete_user(UserName="adopter")


def test_these_calls_are_enough(look: Callable[..., Found], user: User) -> None:
    """Reading needs no other action, and none that decrypts."""
    user.allow(dict.fromkeys((*CALLS, "s3:ListBucket"), "*"))
    found = look(**user.variables)
    assert [str(thing) for thing in found.things] == [
        f"group {NAME}",
        f"sampling rule {NAME}",
        f"parameter {PATH}/honeycomb/dataset",
        f"log group {PATH}",
    ]


@pytest.mark.parametrize("action", CALLS)
def test_a_denied_call_is_named(look: Callable[..., Found], user: User, action: str) -> None:
    """Without it nothing is known, so nothing is decided: the action and the remedy are told."""
    user.allow(dict.fromkeys(({*CALLS, "s3:ListBucket"} - {action}), "*"))
    with pytest.raises(ClientError) as raised:
        look(**user.variables)
    problem = explain(raised.value)
    assert f"AWS denies {CALLS[action]}" in problem.message
    assert "have this action allowed" in problem.remedy


class _Throttling(BaseHTTPRequestHandler):
    """An X-Ray that has no time."""

    def do_POST(self) -> None:
        """Refuse."""
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        body = b'{"Message": "Rate exceeded"}'
        self.send_response(429)
        self.send_header("x-amzn-ErrorType", "ThrottledException")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_throttled_call_is_named(look: Callable[..., Found]) -> None:
    """Nothing was written by then, so to run it again is all that is to be done."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Throttling)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(OperatorError, match=r"AWS throttles GetGroups \(ThrottledException\)") as raised:
            look(AWS_ENDPOINT_URL_XRAY=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "wait a minute" in raised.value.remedy
