"""What looks like a secret is in no line, and a line stays JSON."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logging.formatter import JsonFormatter
from services.logging.secrets import without_secrets

HONEYCOMB = "hcaik_" + 29 * "k7"
AWS_ID = "AKIA" + 16 * "Q"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG+" + 9 * "z1"
PLAIN = "opensesame"


def logged(message: object, *arguments: object, **extra: object) -> str:
    """Return the line of a record."""
    record = logging.LogRecord("name", logging.ERROR, "path", 1, message, arguments, None)
    record.__dict__.update(extra)
    line = JsonFormatter().format(record)
    json.loads(line)
    return line


@pytest.mark.parametrize("secret", [HONEYCOMB, AWS_ID, AWS_SECRET])
@pytest.mark.parametrize("text", ["{}", "key {}, then more", "a\n{}\nb", "url?x={}&y=1", '"{}"', "({})"])
def test_keys_are_known_by_their_looks(secret: str, text: str) -> None:
    """Wherever they stand: alone, in a sentence, on a line of a traceback, in quotes."""
    assert len(AWS_SECRET) == 40
    assert secret not in logged(text.format(secret))
    assert secret not in logged("extra", detail={"deep": [text.format(secret)]})


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic {}",
        "authorization={}",
        "'Authorization': 'Bearer {}', 'Accept': '*/*'",
        '{{"Authorization": "{}", "a": 1}}',
        "Cookie: session={}; other={}",
        "X-Honeycomb-Team: {}",
        "x_rollbar_access_token={}",
        "HTTP_AUTHORIZATION: {}",
        "AWS_SECRET_ACCESS_KEY={}",
        "aws_session_token = {}",
        "password={}&user=me",
        "b'password': b'{}'",
        "connect(host='db', password='{}')",
    ],
)
def test_values_behind_a_telling_name_are_not_written(text: str) -> None:
    """Headers and settings, as text, as Python's repr and as JSON within the message."""
    assert PLAIN not in logged("failed: " + text.format(PLAIN, PLAIN))
    assert PLAIN not in logged("failed: %s", text.format(PLAIN, PLAIN))
    assert "failed" in logged("failed: " + text.format(PLAIN, PLAIN))


def test_extras_of_a_telling_name_are_not_written() -> None:
    """As text, within a mapping, and as a number, which stays JSON."""
    assert PLAIN not in logged("text", headers={"Authorization": PLAIN, "Cookie": f'{PLAIN} " \\ {PLAIN}'})
    line = logged("text", password=987654, other=1)
    assert "987654" not in line
    assert json.loads(line)["other"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "parameter /cruddur/dev/backend-flask/honeycomb/api-key is missing",
        "trace 6720a5b3000000000000000000000abc of 1-6720a5b3-000000000000000000000abc",
        "commit " + 40 * "a" + " is deployed",
        "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "PATH=/usr/local/bin:/usr/bin",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Names of parameters, trace ids and digests are what lines are read for."""
    assert json.loads(logged(text))["message"] == text


@given(st.text(), st.sampled_from([HONEYCOMB, AWS_ID, f"password={PLAIN}"]), st.text())
def test_any_line_stays_json(before: str, secret: str, after: str) -> None:
    """Whatever stands around a secret."""
    line = json.dumps({"message": f"{before} {secret} {after}", "n": 1})
    shown = without_secrets(line)
    assert json.loads(shown)["n"] == 1
    assert secret not in shown
