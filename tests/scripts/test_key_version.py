"""What is said where an apply left SSM's key as it was, although another was handed over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from scripts import aws, key_version
from scripts.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.environment import Environment
    from scripts.session import Session
    from scripts.terragrunt.render import Unit

NAME = "/cruddur/local/backend-flask/honeycomb/api-key"
STORED, OTHER = "hcaik_" + "s" * 58, "hcaik_" + "o" * 58
UNIT = cast(
    "Unit",
    SimpleNamespace(
        name="honeycomb-key",
        inputs={
            "parameter_path": NAME.removesuffix("/honeycomb/api-key"),
            "key_version": 1,
            "kms_key_id": None,
        },
    ),
)


@pytest.fixture
def session(local: Environment) -> Iterator[Session]:
    """A session on the local cloud, where SSM has a key."""
    aws.clients.cache_clear()
    region = local.variables["AWS_REGION"]
    ssm = aws.clients(region).ssm()
    ssm.put_parameter(Name=NAME, Value=STORED, Type="SecureString")
    try:
        yield cast(
            "Session",
            SimpleNamespace(environment=local, caller=SimpleNamespace(region=region), output=Output()),
        )
    finally:
        ssm.delete_parameter(Name=NAME)
        aws.clients.cache_clear()


def test_another_key_is_told(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with the command that writes it, and neither key."""
    key_version.say_where_kept(session, UNIT, OTHER)
    said = capsys.readouterr().out
    assert "was not replaced: run `make rotate-honeycomb-key ENV=local`" in said
    assert said.count("\n") == 1
    assert STORED not in said
    assert OTHER not in said


def test_a_key_to_ask_with_is_not_one_to_write(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has one in the variable of the key to send with is told where it belongs."""
    key_version.say_where_kept(session, UNIT, 22 * "c")
    said = capsys.readouterr().out
    assert "export it as HONEYCOMB_CONFIGURATION_KEY" in said
    assert "rotate" not in said


def test_the_same_key_is_no_news(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing had to be replaced."""
    key_version.say_where_kept(session, UNIT, STORED)
    assert capsys.readouterr().out == ""


def test_without_the_right_to_decrypt_it_is_said_without_comparing(
    session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The apply itself went well: that can't fail for this."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "localcloud-expired-token")
    aws.clients.cache_clear()
    key_version.say_where_kept(session, UNIT, STORED)
    assert "the key in SSM was not replaced: run `make rotate" in capsys.readouterr().out
