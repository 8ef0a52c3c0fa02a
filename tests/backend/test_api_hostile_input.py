"""Whatever arrives, the answer is JSON and the fault is the caller's."""

import json
from urllib.parse import quote

from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

EXAMPLES = settings(max_examples=60, deadline=None)

KNOWN = "3d1f0c52-8e0b-4f5e-9a34-7c1d5f0e2b11"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "message": json_values,
        "ttl": json_values | st.just("1-day"),
        "user_handle": json_values,
        "user_receiver_handle": json_values,
    },
)
post_paths = st.sampled_from(["/api/activities", f"/api/activities/{KNOWN}/reply", "/api/messages"])


def assert_orderly(response: TestResponse) -> None:
    """A hostile request is served or refused, never failed, and always in JSON."""
    assert response.status_code == 200 or 400 <= response.status_code < 500, response.text
    assert response.mimetype == "application/json"
    json.loads(response.get_data())


@EXAMPLES
@given(
    st.sampled_from(
        ["/api/activities/@", "/api/messages/@", "/api/activities/", "/api/activities/search?term="]
    ),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_text_in_a_path(client: FlaskClient, prefix: str, text: str) -> None:
    """Any text as handle, UUID or term."""
    assert_orderly(client.get(prefix + quote(text, safe="")))


@EXAMPLES
@given(st.binary(max_size=200))
def test_any_bytes_as_a_path(client: FlaskClient, path: bytes) -> None:
    """Any bytes, also such that are no UTF-8, as the whole path."""
    raw = "/" + path.decode("latin-1")
    assert_orderly(client.get("/", environ_overrides={"PATH_INFO": raw, "QUERY_STRING": raw}))


@EXAMPLES
@given(post_paths, json_values | bodies)
def test_any_json(client: FlaskClient, path: str, document: object) -> None:
    """Any JSON, NaN and lone surrogates included, as a body."""
    assert_orderly(client.post(path, data=json.dumps(document), content_type="application/json"))


@EXAMPLES
@given(post_paths, st.binary(max_size=500))
def test_any_bytes_as_a_body(client: FlaskClient, path: str, body: bytes) -> None:
    """Any bytes that claim to be JSON."""
    assert_orderly(client.post(path, data=body, content_type="application/json"))


@EXAMPLES
@given(
    st.sampled_from(
        ["HTTP_HOST", "HTTP_ORIGIN", "CONTENT_TYPE", "HTTP_ACCEPT", "HTTP_CONTENT_ENCODING", "HTTP_RANGE"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=200),
)
def test_any_header(client: FlaskClient, name: str, value: str) -> None:
    """Any characters that a server lets through in a header."""
    assert_orderly(client.post("/api/messages", data=b"{}", environ_overrides={name: value}))
