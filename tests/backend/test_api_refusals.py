"""Errors have one form, whoever finds them."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from settings import DEFAULT_MAX_BODY_BYTES


def code_of(response: TestResponse, status: int) -> str:
    """Return an error's code after a look at its form."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/json"
    document = response.get_json()
    assert set(document) == {"error"}
    assert {"code", "message"} <= set(document["error"]) <= {"code", "message", "fields"}
    code = document["error"]["code"]
    assert isinstance(code, str)
    return code


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/activities/home/",
        "//api/activities/home",
        "/static/app.py",
    ],
)
def test_unknown_addresses(client: FlaskClient, path: str) -> None:
    """An address that is not the API's is not found, and never redirected to one that is."""
    assert code_of(client.get(path), 404) == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/activities/home", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/activities", {"POST", "OPTIONS"}),
        ("PUT", "/api/messages", {"POST", "OPTIONS"}),
        ("BREW", "/health", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_wrong_methods(client: FlaskClient, method: str, path: str, allowed: set[str]) -> None:
    """A wrong method is told which are right."""
    response = client.open(path, method=method)
    assert code_of(response, 405) == "method_not_allowed"
    assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'message': 1}",
        b'{"message": "x"',
        b"\xff\xfe\x00",
        b'"\xc3"',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 60_000,
    ],
    ids=["empty", "open", "quotes", "cut", "bytes", "utf-8", "arrays", "objects", "digits"],
)
def test_malformed_json(client: FlaskClient, body: bytes) -> None:
    """What is no JSON, nests too deep or has too many digits is a caller's error."""
    response = client.post("/api/activities", data=body, content_type="application/json")
    assert code_of(response, 400) == "invalid_json"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "\udcff"])
def test_other_content_types(client: FlaskClient, content_type: str) -> None:
    """A body has to say that it is JSON."""
    response = client.post("/api/messages", data=b"{}", content_type=content_type)
    assert code_of(response, 415) == "unsupported_media_type"


@pytest.mark.parametrize("size", [DEFAULT_MAX_BODY_BYTES + 1, 1024 * 1024, 5 * 1024 * 1024])
@pytest.mark.parametrize("path", ["/api/activities", "/api/messages"])
def test_bodies_that_are_too_large(client: FlaskClient, path: str, size: int) -> None:
    """A body beyond the setting's limit is refused by its size, well-formed or not."""
    body = b'{"message": "x"' + b" " * (size - 16) + b"}"
    response = client.post(path, data=body, content_type="application/json")
    assert code_of(response, 413) == "request_entity_too_large"


def test_a_body_of_the_largest_size(client: FlaskClient) -> None:
    """The limit itself is still read."""
    body = b'{"message":"x","ttl":"1-day"}'.ljust(DEFAULT_MAX_BODY_BYTES)
    assert client.post("/api/activities", data=body, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    "handle",
    [
        "%00",
        "a%0ab",
        "%1b[31m",
        "%2e%2e",
        "..%5c..",
        "..",
        "-rf",
        "%20",
        "a" * 31,
        "a" * 50_000,
        "%F0%9F%92%A9",
        "%ff%fe",
        "%D0%B0ndrewbrown",
        "x'%20OR%20'1'='1",
        "%3Cscript%3E",
    ],
)
@pytest.mark.parametrize("path", ["/api/activities/@", "/api/messages/@"])
def test_hostile_handles(client: FlaskClient, path: str, handle: str) -> None:
    """What can't be a handle is refused, and not repeated."""
    response = client.get(path + handle)
    assert code_of(response, 400) == "invalid_handle"
    assert "script" not in response.text


@pytest.mark.parametrize("handle", ["..%2f..%2fetc%2fpasswd", "a/b", "%2f"])
def test_handles_with_a_slash(client: FlaskClient, handle: str) -> None:
    """A path trick leads to no address."""
    assert code_of(client.get(f"/api/messages/@{handle}"), 404) == "not_found"


@pytest.mark.parametrize("query", ["", "?term=", "?term=%20", "?term=%00", "?other=x", f"?term={'x' * 101}"])
def test_searches_without_a_usable_term(client: FlaskClient, query: str) -> None:
    """A search needs a term of 1 to 100 characters that can be shown."""
    assert code_of(client.get(f"/api/activities/search{query}"), 400) == "invalid_term"


def test_an_exception_is_a_plain_500(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """The caller learns nothing of the reason; the log has it, with its traceback."""
    response = client.get("/demo/failure")
    assert code_of(response, 500) == "internal_server_error"
    assert "purpose" not in response.text
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info
    assert str(record.exc_info[1]) == "this route fails on purpose"
