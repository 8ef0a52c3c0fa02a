"""Shapes of Honeycomb keys, and where one is taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import honeycomb_key, secrets
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INGEST = "hcaik_" + "01k7a" * 11 + "abc"
SHAPES = {
    INGEST: "ingest",
    "hczic_" + "a" * 58: "classic ingest",
    "aB3" * 7 + "x": "configuration",
    "0123456789abcdef" * 2: "classic",
}


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Forget the secrets of this test."""
    yield
    secrets._known.clear()
    secrets._handed_over.clear()


@pytest.mark.parametrize(("key", "kind"), SHAPES.items())
def test_known_shapes(key: str, kind: str) -> None:
    """Each kind that can send or query is known and passes."""
    assert honeycomb_key.kind(key) == kind
    assert honeycomb_key.check(key) == key


@pytest.mark.parametrize(
    "key",
    [INGEST[:-1], INGEST + "x", INGEST.upper(), "hcaik_", "x", "a" * 23, "0" * 33, f"{INGEST} ", "é" * 22],
)
def test_a_malformed_key_is_refused_and_not_shown(key: str) -> None:
    """The message has its length and what was expected, never the key."""
    with pytest.raises(OperatorError) as caught:
        honeycomb_key.check(key)
    assert f"malformed ({len(key)} characters)" in str(caught.value)
    assert len(key) < 6 or key not in str(caught.value)


def test_a_management_key_is_refused_with_its_own_words() -> None:
    """It looks like a key and can't send events."""
    with pytest.raises(OperatorError, match="management key, which can't send events"):
        honeycomb_key.check("hcamk_" + "a" * 26)


def test_the_environment_comes_before_the_local_clouds_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that was given is the one to use; without one the local environment has its own."""
    monkeypatch.setenv("TRACED_BACKEND_LOCAL", str(tmp_path))
    stored = "hcaik_" + "s" * 58
    (tmp_path / "honeycomb-key").write_text(f"{stored}\n")
    assert honeycomb_key.find("local") == stored
    secrets.withdraw({"HONEYCOMB_API_KEY": INGEST})
    assert honeycomb_key.find("local") == INGEST


def test_a_real_environment_has_no_other_place_for_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local cloud's key never goes to AWS."""
    monkeypatch.setenv("TRACED_BACKEND_LOCAL", str(tmp_path))
    (tmp_path / "honeycomb-key").write_text(INGEST)
    with pytest.raises(OperatorError, match="HONEYCOMB_API_KEY is not set"):
        honeycomb_key.find("dev")


@pytest.mark.parametrize("content", [None, "", "nonsense"])
def test_an_unusable_key_file_names_the_remedy(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, empty and damaged files are told apart from a missing variable."""
    monkeypatch.setenv("TRACED_BACKEND_LOCAL", str(tmp_path))
    if content is not None:
        (tmp_path / "honeycomb-key").write_text(content)
    with pytest.raises(OperatorError, match="local-up"):
        honeycomb_key.find("local")
