"""Copies of the key that anybody can read, and older versions that are still in use."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest

from scripts.verify.check import Status

if TYPE_CHECKING:
    from tests.scripts.verify.made import Made

COPIES, HISTORY = "ssm.key.copies", "ssm.parameter.history"
KEY = "honeycomb/api-key"


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("String", "{}"),
        ("String", '{{"x-honeycomb-team": "{}"}}'),
        ("StringList", "a,{},b"),
    ],
)
def test_a_plain_copy_is_named_and_not_shown(made: Made, kind: str, form: str) -> None:
    """As the value, within it, or in a list, however deep: the name is told, never the value."""
    made.put("old/2021/otlp-headers", form.format(made.key), kind)
    wrong = made.wrong()
    assert set(wrong) == {COPIES}
    assert wrong[COPIES].actual == f"the key can be read in {made.path}/old/2021/otlp-headers ({kind})"
    assert "make a new key at Honeycomb" in wrong[COPIES].remedy
    assert made.key not in repr(wrong)


def test_an_encrypted_copy_is_no_plain_one(made: Made) -> None:
    """What SSM encrypts is nobody's to read."""
    made.put("honeycomb/api-key-of-old", made.key, "SecureString")
    assert made.wrong() == {}


def test_thousands_of_parameters(made: Made) -> None:
    """Every page is read: a copy among the last ones is found, and so is none."""
    for number in range(1_200):
        made.put(f"many/{number:04}", "of no interest")
    results = made.verify()
    assert results[COPIES].actual == "none among 1205 plain parameters"
    made.put("many/9999", made.key)
    assert made.wrong()[COPIES].actual.endswith("/many/9999 (String)")


def test_of_many_copies_some_are_named(made: Made) -> None:
    """The rest is counted."""
    for letter in string.ascii_lowercase[:8]:
        made.put(f"copies/{letter}", made.key)
    assert made.wrong()[COPIES].actual.endswith(f"{made.path}/copies/e (String) and 3 more")


def test_a_labelled_older_version_is_in_use(made: Made) -> None:
    """Who reads by the label gets the old key; without a label older versions are nobody's."""
    made.put_key(made.key)
    assert made.verify()[HISTORY].actual == "2 versions, 2 is the newest"
    name = f"{made.path}/{KEY}"
    made.clients.ssm().label_parameter_version(Name=name, ParameterVersion=1, Labels=["current", "prod"])
    wrong = made.wrong()
    assert set(wrong) == {HISTORY}
    assert wrong[HISTORY].actual == "still labelled: version 1 (current, prod); the newest is 2"
    assert f"label-parameter-version --name {name}" in wrong[HISTORY].remedy
    made.clients.ssm().label_parameter_version(Name=name, ParameterVersion=2, Labels=["current", "prod"])
    assert made.wrong() == {}


def test_a_version_that_was_no_secret(made: Made) -> None:
    """The key as a String, written over by a SecureString: its history still shows it to whoever may read."""
    made.clients.ssm().delete_parameter(Name=f"{made.path}/{KEY}")
    made.put(KEY, made.key)
    made.put_key(made.key)
    wrong = made.wrong()
    assert set(wrong) == {HISTORY}
    assert wrong[HISTORY].actual.startswith("readable, as it was no SecureString: version 1")
    assert "make a new key at Honeycomb" in wrong[HISTORY].remedy
    assert made.key not in repr(wrong)


def test_without_the_key_nothing_is_compared(made: Made) -> None:
    """A copy can't be told from any other text: skipped, with what the key's parameter needs."""
    made.clients.ssm().delete_parameter(Name=f"{made.path}/{KEY}")
    wrong = made.wrong()
    for check_id in (COPIES, HISTORY):
        assert wrong[check_id].status is Status.SKIP
        assert wrong[check_id].remedy == "run `make apply ENV=local`"


def test_a_readable_key_is_compared_with_nothing(made: Made) -> None:
    """The parameter's own check tells it; its value is used for nothing."""
    made.clients.ssm().delete_parameter(Name=f"{made.path}/{KEY}")
    made.put(KEY, made.key)
    wrong = made.wrong()
    assert wrong[f"ssm.parameter.{made.path}/{KEY}"].status is Status.FAIL
    assert wrong[COPIES].status is Status.SKIP
    assert "delete the parameter" in wrong[COPIES].remedy
    assert made.key not in repr(wrong)
