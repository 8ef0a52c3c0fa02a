"""What tells whose account it was becomes a placeholder, known beforehand or by its pattern alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.conform import leaks
from scripts.conform.redaction import Redactor

ACCOUNT = "123456789012"
SECRETS = {
    "access key": "AKIA" + 16 * "Q",
    "session's access key": "ASIA" + 16 * "Z",
    "configuration key": "AbCdEfGhIjK" + "lMnOpQrStUv",
    "ingest key": "hcaik_" + 58 * "k",
    "key id": "hcxlk_" + "01abc",
    "classic key": 16 * "0A",
    "IPv4": "203.0.113.9",
    "IPv6": "2001:db8::9",
    "e-mail": "alice@acme.example",
    "user": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "role": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice",
    "account": ACCOUNT,
}


@pytest.mark.parametrize("own", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("around", ["{}", "of {}, here", '"{}"', "x_{}_y", "https://a.example/{}/b"])
def test_it_goes_by_its_pattern_alone(own: str, around: str) -> None:
    """Nobody told the redactor of it."""
    redacted = Redactor({}).redact(around.format(own))
    assert own not in redacted
    assert "alice" not in redacted


def test_links_lose_team_and_environment() -> None:
    """Both slugs, whoever asked; what the path says of the thing stays."""
    links = {
        "https://ui.honeycomb.io/acme-corp/environments/prod/datasets/d/result/1": (
            "https://ui.honeycomb.io/<TEAM>/environments/<ENVIRONMENT>/datasets/d/result/1"
        ),
        "https://ui.eu1.honeycomb.io/acme-corp/board/1": "https://ui.eu1.honeycomb.io/<TEAM>/board/1",
        "https://api.honeycomb.io/problems/not-found": "https://api.honeycomb.io/problems/not-found",
    }
    assert {link: Redactor({}).redact(link) for link in links} == links


def test_what_is_known_goes_in_any_case_and_short_words_only_by_themselves() -> None:
    """A team called `ops` is no reason to tear words apart."""
    redactor = Redactor({"acme-corp": "TEAM", "ops": "ENVIRONMENT", "0a1b2c3d": "RUN"})
    assert redactor.redact("ACME-Corp runs ops; drops conform-0a1b2c3d-x") == (
        "<TEAM> runs <ENVIRONMENT>; drops conform-<RUN>-x"
    )


def test_words_and_numbers_stay() -> None:
    """What the claims are about is no secret."""
    said = [
        "AWS::DynamoDB::Table",
        "ResponseTimeRootCauses",
        "InvalidRequestException",
        7,
        True,
        None,
        0.5,
        "at 16:42:37, fault",
    ]
    assert Redactor({ACCOUNT: "ACCOUNT"}).redact(said) == said


def test_times_and_long_numbers_go() -> None:
    """As numbers too, whatever their type."""
    values = [datetime.now(UTC), 1_790_000_000.5, int(ACCOUNT), float(ACCOUNT), "1790000000"]
    redacted = Redactor({}).redact(values)
    assert redacted == ["<TIME>", "<TIME>", "<NUMBER>", "<NUMBER>", "<TIME>"]
    assert Redactor({"001234567890": "ACCOUNT"}).redact(1234567890) == "<NUMBER>"


def test_the_same_id_is_the_same_placeholder() -> None:
    """So that two recordings of one case compare, and a parent is still told by its child."""
    redactor = Redactor({})
    trace = "1-6560a5b2-0123456789abcdef01234567"
    found = redactor.redact(
        {"id": "53995c3f42cd8ad8", "parent_id": "53995c3f42cd8ad8", "trace": [trace, trace]}
    )
    assert found == {"id": "<ID-1>", "parent_id": "<ID-1>", "trace": ["<TRACE-1>", "<TRACE-1>"]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    ),
    st.sampled_from([own for name, own in SECRETS.items() if name != "configuration key"]),
)
def test_wherever_it_is_it_goes(value: object, own: str) -> None:
    """In a name, a value, a list or a sentence."""
    document = {"value": value, "text": f"of {own}, here", own: 1, "in": [own, {"deep": own}]}
    assert own not in json.dumps(Redactor({}).redact(document), ensure_ascii=False, default=str)


@pytest.mark.parametrize("own", [own for name, own in SECRETS.items() if name != "classic key"])
def test_the_last_look_sees_what_was_left_in(own: str) -> None:
    """It knows the same patterns, says of what kind it is, and never what.

    A classic key looks like a trace's id, which is no secret by itself.
    """
    kinds = leaks.found(json.dumps({"text": f"of {own}, here"}))
    assert kinds
    assert not any(own in kind for kind in kinds)


def test_the_last_look_has_the_repository_s_secret_scan_and_the_known() -> None:
    """What `make lint` would refuse is refused before it is written, and any of the account's own names."""
    assert leaks.found("token: ghp_" + 36 * "a")
    assert leaks.found("in acme-corp", ["acme-corp"]) == ["a name of the account's own"]
    assert leaks.found('{"status": 200, "at": "<TIME>", "url": "https://conform.example/api"}') == []
