"""Names within the values of attributes are judged as attributes and headers are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracing.privacy.redacted_urls import REDACTED
from services.tracing.privacy.sensitive_names import SensitiveNames
from services.tracing.privacy.values import NESTING_MAX, Values

HUSH = "hush-7c1e"


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("request", {"app.card": HUSH, "b": 1}, {"app.card": REDACTED, "b": 1}),
        ("app", {"card": HUSH, "b": 1}, {"card": REDACTED, "b": 1}),
        ("app", {"x": ({"authorization": HUSH}, 2)}, {"x": ({"authorization": REDACTED}, 2)}),
        ("request", {"Set_Cookie": [HUSH]}, {"Set_Cookie": REDACTED}),
        ("http.request", {"header": {"x-api-key": HUSH}}, {"header": {"x-api-key": REDACTED}}),
        ("call", {"url.full": f"https://h/?t={HUSH}"}, {"url.full": f"https://h/?t={REDACTED}"}),
        ("url", {"query": f"t={HUSH}"}, {"query": f"t={REDACTED}"}),
        ("failure", {"exception.message": f"password={HUSH}"}, {"exception.message": "password=REDACTED"}),
        ("url.full", [{"a": f"https://h/?t={HUSH}"}], ({"a": f"https://h/?t={REDACTED}"},)),
        ("url.full", {"a": HUSH.encode()}, {"a": REDACTED}),
        ("process.command_args", ["--password", HUSH, "-v"], ("--password", REDACTED, "-v")),
        ("process.command_args", [f"--url=redis://u:{HUSH}@h"], ("--url=redis://h",)),
        ("aws.xray.metadata.default", json.dumps({"app.card": HUSH}), json.dumps({"app.card": REDACTED})),
        ("aws.xray.metadata.app", json.dumps([{"card": HUSH}]), json.dumps([{"card": HUSH}])),
        ("aws.xray.metadata.app", json.dumps({"app": {"card": HUSH}}), json.dumps({"app": {"card": HUSH}})),
    ],
)
def test_what_is_within_a_value_is_judged(name: str, value: Any, redacted: Any) -> None:
    """By its own name, by the names that lead to it, and as a header's name."""
    assert Values(SensitiveNames(["app.card"]))(name, value) == redacted


@pytest.mark.parametrize("text", [f'{{"app.card": "{HUSH}', f' [{{"app.card": "{HUSH}"}}', "[" * 5000 + HUSH])
def test_metadata_that_cannot_be_read_is_hidden(text: str) -> None:
    """A limit on attributes' lengths may have cut it off before its end; plain text stays."""
    values = Values(SensitiveNames(["app.card"]))
    assert values("aws.xray.metadata.default", text) == REDACTED
    assert values("aws.xray.metadata.default", "plain") == "plain"


def test_what_is_too_deep_is_hidden() -> None:
    """The sinks write a mapping at that depth as one text."""
    value: Any = {"app.card": HUSH}
    for _ in range(NESTING_MAX):
        value = {"a": value}
    assert HUSH not in str(Values(SensitiveNames(["app.card"]))("request", value))


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_clean_is_the_value_itself(value: Any) -> None:
    """Only what changes is copied, and names of no meaning change nothing."""
    before = repr(value)
    redacted = Values(SensitiveNames(["app.card"]))("request", value)
    assert repr(value) == before
    assert redacted is value or repr(redacted) != before
