"""Hearing the workers of one host over HTTP: what is right, and all that can answer in its place."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import OperatorError
from scripts.verify import health as reading
from scripts.verify.loaded import host
from scripts.verify.loaded.heard import HearingError
from scripts.verify.loaded.worker import Worker, read
from tests.scripts.loaded.answering import answering, entry, health
from tests.scripts.loaded.told import document

if TYPE_CHECKING:
    from collections.abc import Callable


def test_workers_that_told_that_told_nothing_and_that_end() -> None:
    """The second is there and silent; the third has told that it ends."""
    ending = {**document(14), "cause": "stop"}
    with answering(health(entry(12, document(12)), entry(13, None), entry(14, ending))) as address:
        heard = host.hear(address)
    assert [worker.name for worker in heard.workers] == ["12"]
    assert (list(heard.silent), heard.wanted, heard.place) == (["13"], 2, address)


def test_a_server_whose_workers_share_nothing() -> None:
    """How many there are is not known."""
    with answering(health(entry(12, document(12)), wanted=None)) as address:
        assert host.hear(address).wanted is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!doctype html><p>Sign in", "answers no JSON object"),
        (b"[]", "answers no JSON object"),
        (b"[" * 100_000, "answers no JSON object"),
        (b"\xff\xfe", "answers no JSON object"),
        (b"", "answers no JSON object"),
        (b'{"status": "ok"}', "answers JSON of another kind"),
        (b'{"worker": {"pid": 1}, "parameters": {}}', "doesn't tell what its workers loaded"),
        (health("x"), "can't be read (workers is no list of objects)"),
        (health(entry(1, {})), "can't be read"),
        (health({"loaded": None}), "can't be read (pid"),
        (health(entry(1, document(1)), wanted="two"), "can't be read (wanted"),
        (b'{"worker": {}, "parameters": {}, "loaded": {}}', "can't be read (workers"),
    ],
)
def test_other_answers_than_the_backends(body: bytes, said: str) -> None:
    """Told as that, with the address; what to do follows."""
    with answering(body) as address, pytest.raises(HearingError, match=address) as raised:
        host.hear(address)
    assert said in str(raised.value)
    assert f"{address}/health/tracing" in str(raised.value)
    assert raised.value.remedy


def test_a_redirect_is_not_followed() -> None:
    """It leads to a login, or to another service: whose answer it is would not be known."""
    headers = {"Location": "https://login.example.com/\x1b[2J"}
    with (
        answering(b"", 302, headers) as address,
        pytest.raises(HearingError, match=r"redirects \(HTTP 302\) to") as raised,
    ):
        host.hear(address)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_another_status(status: int) -> None:
    """An error page is no answer."""
    with answering(b"{}", status) as address, pytest.raises(HearingError, match=f"HTTP {status}"):
        host.hear(address)


def test_nobody_listens() -> None:
    """Refused at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(HearingError, match="can't be reached"):
            host.hear(address)


def test_one_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and is silent."""
    monkeypatch.setattr(reading, "BOUNDS", replace(reading.BOUNDS, timeouts=(0.2, 0.2)))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(HearingError, match="can't be reached"):
            host.hear(address)


@pytest.mark.parametrize(
    ("change", "value", "said"),
    [("max_seconds", 0.3, "not whole within 0.3 s"), ("max_bytes", 100, "more than 100 bytes")],
)
def test_one_that_never_ends(monkeypatch: pytest.MonkeyPatch, change: str, value: Any, said: str) -> None:
    """Each drop comes before any timeout; time and bytes are bounded as a whole."""
    monkeypatch.setattr(reading, "BOUNDS", replace(reading.BOUNDS, **{change: value}))
    with answering(b"{", drips=True) as address, pytest.raises(HearingError, match=said):
        host.hear(address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://127.0.0.1:4567", "http://127.0.0.1:4567"),
        (" https://api.example.com/ ", "https://api.example.com"),
        ("http://[::1]:4567", "http://[::1]:4567"),
    ],
)
def test_an_address(text: str, expected: str) -> None:
    """Scheme, host and port."""
    assert reading.origin(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "localhost:4567", "ftp://x", "http://", "http://u:p@x", "http://x/health", "http://x?a=b", "http://x:no",
     "http://x:0", "http://x:99999", "http://[::1", "http://x#y", "file:///etc/passwd",
     "http://:" + "hunter2@x", "http://@x", "http://x?token=hunter2",
     "http://u:" + "hunter2@x#y", "u:hunter2@x"],
)  # fmt: skip
def test_no_address(text: str) -> None:
    """Credentials, paths and queries have no place in it, and none of them is repeated."""
    with pytest.raises(OperatorError) as raised:
        reading.origin(text)
    assert str(raised.value) == (
        "BACKEND is no address of a backend: give scheme, host and port alone, such as http://127.0.0.1:4567"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _places(document: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = list(enumerate(document)) if isinstance(document, list) else []
    items = list(document.items()) if isinstance(document, dict) else items
    found = []
    for key, value in items:
        found += [(*before, key), *_places(value, (*before, key))]
    return found


@given(st.sampled_from(_places(document())), JSON)
def test_a_document_with_anything_in_any_place(place: tuple[Any, ...], value: object) -> None:
    """It is read, or refused with the reason; nothing else is raised."""
    changed = json.loads(json.dumps(document()))
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    read_or_refused(lambda: read(changed, with_host=True))


@given(JSON)
def test_anything_in_the_documents_place(value: object) -> None:
    """The same."""
    read_or_refused(lambda: read(value, with_host=False))


def read_or_refused(reading: Callable[[], Worker]) -> None:
    """Fail where anything but a worker or a ValueError comes of it."""
    try:
        found: object = reading()
    except ValueError as error:
        found = str(error)
    assert found
