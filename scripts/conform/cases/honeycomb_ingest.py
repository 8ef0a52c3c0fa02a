"""Sending to Honeycomb (source: docs.honeycomb.io/api/tag/Events; honeycombio/husky, otlp/)."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, expect, expect_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.conform.honeycomb_calls import Answer
    from scripts.conform.surroundings import Surroundings

CASES = Cases("honeycomb")
OTLP = "/v1/traces"
JSON = {"content-type": "application/json"}
LARGE_BYTES = 20 * 1024 * 1024 + 1


def otlp(service: str, attributes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return an OTLP request of one span, as JSON has it."""
    now = time.time_ns()
    span = {
        "traceId": secrets.token_hex(16),
        "spanId": secrets.token_hex(8),
        "name": "conform",
        "kind": 2,
        "startTimeUnixNano": str(now - 250_000_000),
        "endTimeUnixNano": str(now),
        "attributes": [{"key": key, "value": value} for key, value in (attributes or {}).items()],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}


@CASES.case("auth", "/1/auth tells the key's type, what it may do, environment and team", documented=True)
def _auth(on: Surroundings) -> None:
    document = on.honeycomb.done("read /1/auth", on.honeycomb("GET", "/1/auth"), 200)
    missing = {"id", "type", "api_key_access", "environment", "team"} - document.keys()
    expect("members missing", missing, set())
    expect("access is told by booleans", {type(one) for one in document["api_key_access"].values()}, {bool})


@CASES.case("auth.unknown", "/1/auth answers an unknown key with 401 and Honeycomb's words", documented=True)
def _unknown(on: Surroundings) -> None:
    answer = on.honeycomb("GET", "/1/auth", key="conform")
    expect("status", answer.status, 401)
    expect("error", answer.document.get("error"), "unknown API key - check your credentials")


def send_span(on: Surroundings, name: str, attributes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Send one span of the service *name*, whose data set goes at the run's end; return the request.

    Raises DiffersError where Honeycomb does not take it.
    """
    on.remove_datasets()
    document = otlp(name, attributes)
    answer = on.honeycomb("POST", OTLP, document, events=1)
    on.honeycomb.permitted("send events", answer)
    expect("status of OTLP", answer.status, 200)
    on.expect_dataset(name)
    expect("answer to OTLP", answer.document, {})
    return document


def dataset(on: Surroundings, name: str) -> str:
    """Return the slug of the data set *name* as soon as Honeycomb lists it."""

    def attempt() -> str | None:
        listed = on.honeycomb.done("list data sets", on.honeycomb("GET", "/1/datasets"), 200)
        slugs: list[str] = [one["slug"] for one in listed if one["name"] == name]
        return slugs[0] if slugs else None

    return on.eventually(f"data set {name}", attempt)


@CASES.case("otlp.json", "a span in OTLP JSON is taken with 200 and `{}`, and makes its data set")
def _json(on: Surroundings) -> None:
    send_span(on, on.name())
    dataset(on, on.name())


@CASES.case(
    "otlp.large",
    "a body of more than 20 MiB is 400: failed to parse OTLP request body",
    settles=["too large body"],
)
def _large(on: Surroundings) -> None:
    headers = {"content-type": "application/x-protobuf"}
    answer = on.honeycomb("POST", OTLP, data=bytes(LARGE_BYTES), headers=headers)
    on.honeycomb.permitted("send events", answer)
    on.observe("status of a body of 20 MiB and one byte", answer.status)
    expect("status", answer.status, 400)
    expect_in("message", "failed to parse OTLP request body", str(answer.document))


@CASES.case("otlp.key.missing", "without a key OTLP is 401: missing 'x-honeycomb-team' header")
def _missing(on: Surroundings) -> None:
    answer = on.honeycomb("POST", OTLP, otlp(on.name()), key="")
    expect("status", answer.status, 401)
    expect_in("message", "missing 'x-honeycomb-team' header", str(answer.document))


@CASES.case("otlp.key.unknown", "an unknown key is 401, in the words that differ from those of /1/auth")
def _wrong(on: Surroundings) -> None:
    answer = on.honeycomb("POST", OTLP, otlp(on.name()), key="conform")
    expect("status", answer.status, 401)
    words = "unknown API key - check your credentials, region, and API URL"
    expect_in("message", words, str(answer.document))


@CASES.case("otlp.type", "a wrong content type is 415, told before the key is looked at")
def _type(on: Surroundings) -> None:
    answer = on.honeycomb("POST", OTLP, data=b"x", headers={"content-type": "text/plain"}, key="")
    expect("status", answer.status, 415)
    expect_in("body", "unsupported content-type", str(answer.document))


@CASES.case("otlp.unreadable", "a body that is no OTLP is 400: failed to parse OTLP request body")
def _unreadable(on: Surroundings) -> None:
    answer = on.honeycomb("POST", OTLP, data=b"{", headers=JSON)
    on.honeycomb.permitted("send events", answer)
    expect("status", answer.status, 400)
    expect_in("message", "failed to parse OTLP request body", str(answer.document))


@CASES.case("events.one", "/1/events takes one event with 200, and makes its data set", documented=True)
def _event(on: Surroundings) -> None:
    _events(on, on.name("event"), "/1/events", {"a": 1}, 1)
    dataset(on, on.name("event"))


@CASES.case("events.batch", "/1/batch answers with a status for each event: 202", documented=True)
def _batch(on: Surroundings) -> None:
    events = [{"data": {"a": 1}}, {"data": {"a": 2}, "samplerate": 2}]
    answer = _events(on, on.name("batch"), "/1/batch", events, 2)
    expect("statuses", [one.get("status") for one in answer.document], [202, 202])


def _events(on: Surroundings, name: str, path: str, document: Any, events: int) -> Answer:
    on.remove_datasets()
    answer = on.honeycomb("POST", f"{path}/{name}", document, events=events)
    on.honeycomb.permitted("send events", answer)
    expect("status", answer.status, 200)
    on.expect_dataset(name)
    return answer
