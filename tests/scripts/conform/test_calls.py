"""Which answers say something about a claim, and which about the credentials, the network or the load."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from scripts import secrets
from scripts.conform.cases import all_cases
from scripts.conform.endpoints import open_endpoints, refuse_other_places
from scripts.conform.honeycomb_calls import ATTEMPTS, HoneycombCalls
from scripts.conform.limits import Budget
from scripts.conform.xray_calls import XRayCalls
from scripts.errors import OperatorError
from tests.scripts.conform.standins import MuteXRay, answering, runner

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = 11 * "aB"
CASES = {case.id: case for case in all_cases()}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture(autouse=True)
def _key() -> Iterator[None]:
    yield
    secrets.withdraw({})
    secrets._known.clear()


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("AccessDeniedException", 403, "skipped"),
        ("RuleLimitExceededException", 400, "skipped"),
        ("ExpiredTokenException", 403, "unasked"),
        ("UnrecognizedClientException", 403, "unasked"),
        ("InvalidSignatureException", 403, "unasked"),
        ("ThrottledException", 429, "unasked"),
        ("ThrottlingException", 400, "unasked"),
        ("InternalFailure", 500, "unasked"),
        ("", 503, "unasked"),
        ("", 400, "unasked"),
        ("InvalidRequestException", 400, "differs"),
    ],
)
def test_x_ray_s_refusals(monkeypatch: pytest.MonkeyPatch, code: str, status: int, outcome: str) -> None:
    """Only a refusal of the request itself refutes a claim; who may not ask is told which action."""
    headers = {"x-amzn-errortype": code} if code else {}
    monkeypatch.setattr("time.sleep", lambda _: None)
    with answering(status, json.dumps({"message": "no"}).encode(), headers) as (address, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", address)
        running, _ = runner(XRayCalls("us-east-1", Budget()))
        result = running.run(CASES["xray.rule.list.default"])
    assert (result.status, result.refuted) == (outcome, outcome == "differs"), result.detail
    if code == "AccessDeniedException":
        assert "xray:GetSamplingRules" in result.detail


def test_an_account_with_all_its_groups_is_not_asked_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """That says nothing about what a group is made with."""
    body = json.dumps({"message": "The maximum number of groups, 25, has been reached"}).encode()
    with answering(400, body, {"x-amzn-errortype": "InvalidRequestException"}) as (address, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", address)
        running, _ = runner(XRayCalls("us-east-1", Budget()))
        assert running.run(CASES["xray.group.duplicate"]).status == "skipped"


def test_an_x_ray_that_nobody_answers_for_is_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is closed."""
    with answering(200) as (address, _):
        pass
    monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", address)
    running, _ = runner(XRayCalls("us-east-1", Budget()))
    assert running.run(CASES["xray.rule.list.default"]).status == "unasked"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (500, b"", "unasked"),
        (503, b"", "unasked"),
        (429, b"", "unasked"),
        (302, b"", "unasked"),
        (200, b"<html>sign in</html>", "unasked"),
        (403, b"{}", "skipped"),
        (401, b"{}", "unasked"),
        (418, b"{}", "differs"),
    ],
)
def test_honeycomb_s_refusals(status: int, body: bytes, outcome: str) -> None:
    """An outage, a sign-in page or a key that is gone refute nothing."""
    waited: list[float] = []
    with answering(status, body) as (address, asked):
        honeycomb = HoneycombCalls(address, KEY, Budget(), waited.append)
        running, _ = runner(MuteXRay(takes=True, refuses=True), honeycomb)
        results = [running.run(CASES[f"honeycomb.{name}"]) for name in ("auth", "board", "marker")]
    assert {one.status for one in results} == {outcome}
    assert {one.refuted for one in results} == {outcome == "differs"}
    assert bool(waited) == (status == 429)
    if status == 429:
        assert asked[:ATTEMPTS] == ATTEMPTS * ["GET /1/auth"]


def test_honeycomb_says_how_long_to_wait() -> None:
    """The reset of its RateLimit header, and a second."""
    waited: list[float] = []
    with answering(429, headers={"RateLimit": "limit=10, remaining=0, reset=12"}) as (address, _):
        honeycomb = HoneycombCalls(address, KEY, Budget(), waited.append)
        runner(MuteXRay(takes=True, refuses=True), honeycomb)[0].run(CASES["honeycomb.auth"])
    assert waited[0] == 13


def test_a_real_environment_is_not_led_elsewhere() -> None:
    """An endpoint variable of AWS's, whichever, is refused before anything is asked."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_XRAY", "AWS_ENDPOINT_URL_STS"):
        with pytest.raises(OperatorError, match=f"{name} would lead dev's calls elsewhere"):
            refuse_other_places("dev", {name: "http://127.0.0.1:4566"})
        refuse_other_places("dev", {name: ""})
        refuse_other_places("local", {name: "http://127.0.0.1:4566"})


def _opened(endpoint: str, name: str) -> Any:
    caller = SimpleNamespace(
        region="us-east-1", account_id=12 * "1", arn=f"arn:aws:iam::{12 * '1'}:user/alice"
    )
    unit = SimpleNamespace(inputs={"endpoint": endpoint, "dataset": "backend-of-acme"})
    environment = SimpleNamespace(is_local=name == "local", name=name)
    return SimpleNamespace(caller=caller, environment=environment, units={"honeycomb": unit})


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://api.honeycomb.io",
        "https://127.0.0.1:4318",
        "https://localhost:4318",
        "https://[::1]",
        "https://0.0.0.0",
        "",
    ],
)
def test_a_real_environment_s_honeycomb_is_no_loopback(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit's endpoint counts, not a variable; one in the clear or on this machine is refused."""
    monkeypatch.setenv("HONEYCOMB_API_ENDPOINT", "https://api.honeycomb.io")
    secrets.withdraw({secrets.KEY_VARIABLE: KEY})
    with pytest.raises(OperatorError, match="Honeycomb's endpoint"):
        open_endpoints(_opened(endpoint, "dev"), Budget(), with_honeycomb=True)


def test_a_real_environment_s_x_ray_is_no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a profile's configuration leads it there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", "http://127.0.0.1:4566")
    with pytest.raises(OperatorError, match="X-Ray's endpoint"):
        open_endpoints(_opened("https://api.honeycomb.io", "dev"), Budget(), with_honeycomb=False)


def test_an_unknown_key_is_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with what to do; the key is not in it, and nothing else was asked."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    secrets.withdraw({secrets.KEY_VARIABLE: KEY})
    with answering(401, b'{"error": "unknown API key - check your credentials"}') as (address, asked):
        with pytest.raises(OperatorError, match="does not know the key") as caught:
            open_endpoints(_opened(address, "local"), Budget(), with_honeycomb=True)
        assert asked == ["GET /1/auth"]
    assert caught.value.exit_code == 2
    assert KEY not in str(caught.value)


def test_the_account_s_names_are_known_to_the_redactor() -> None:
    """Account, caller, region, data set, team and environment."""
    access = {
        "id": "abc",
        "team": {"name": "Acme Corp", "slug": "acme-corp"},
        "environment": {"slug": "prod-7"},
    }
    secrets.withdraw({secrets.KEY_VARIABLE: KEY})
    with answering(200, json.dumps(access).encode()) as (address, _):
        opened = open_endpoints(_opened(address, "local"), Budget(), with_honeycomb=True)
    run_id = opened.surroundings.run_id
    said = f"alice of Acme Corp, acme-corp, prod-7, backend-of-acme, us-east-1, {KEY}, {run_id}"
    assert opened.redactor().redact(said) == (
        "<PRINCIPAL> of <TEAM>, <TEAM>, <ENVIRONMENT>, <DATASET>, <REGION>, <KEY>, <RUN>"
    )
