"""Keys."""

import pytest

from localcloud.honeycomb.errors import UnauthorisedError
from localcloud.honeycomb.keys import Key

from .conftest import KEY

CLASSIC = "0123456789abcdef" * 2
CLASSIC_INGEST = "hcxic_" + "0" * 58
CONFIGURATION = "Abcdefghijklmnopqrstuv"


def test_an_ingest_key_shows_its_id_alone() -> None:
    """The id is the key's beginning; what it may do is to create datasets."""
    document = Key(KEY).describe()
    assert document == {
        "id": KEY[:22],
        "type": "ingest",
        "api_key_access": {"createDatasets": True},
        "environment": {"name": "local", "slug": "local"},
        "team": {"name": "local", "slug": "local"},
    }


@pytest.mark.parametrize(
    ("value", "kind", "environment"),
    [
        (CONFIGURATION, "configuration", "local"),
        (CLASSIC, "configuration", ""),
        (CLASSIC_INGEST, "ingest", ""),
    ],
)
def test_other_kinds(value: str, kind: str, environment: str) -> None:
    """Classic keys have no environment."""
    document = Key(value).describe()
    assert document["type"] == kind
    assert document["environment"] == {"name": environment, "slug": environment}


@pytest.mark.parametrize("value", [KEY, CONFIGURATION, CLASSIC, CLASSIC_INGEST, "short"])
def test_no_secret_is_shown(value: str) -> None:
    """Neither the whole key nor, for an ingest key, what follows its id."""
    key = Key(value)
    for text in (repr(key), str(vars(key)), str(key.describe())):
        assert value not in text
        assert len(value) <= 22 or value[22:] not in text


def test_an_empty_key_is_refused() -> None:
    """Otherwise every request without one would be let in."""
    with pytest.raises(ValueError, match="key is empty"):
        Key("")


@pytest.mark.parametrize(
    ("presented", "dataset", "message"),
    [
        (None, None, "missing 'x-honeycomb-team' header"),
        ("", None, "missing 'x-honeycomb-team' header"),
        (KEY[:-1], None, "unknown API key - check your credentials, region, and API URL"),
        (KEY + "x", None, "unknown API key - check your credentials, region, and API URL"),
        ("ÿ", None, "unknown API key - check your credentials, region, and API URL"),
        (CLASSIC, None, "missing 'x-honeycomb-dataset' header"),
        (CLASSIC_INGEST, "", "missing 'x-honeycomb-dataset' header"),
        (CLASSIC, "d", "unknown API key - check your credentials, region, and API URL"),
    ],
    ids=["none", "empty", "short", "long", "not ASCII", "classic", "classic ingest", "classic, wrong"],
)
def test_other_keys_are_refused_with_honeycombs_text(
    presented: str | None, dataset: str | None, message: str
) -> None:
    """A key of Classic's shape needs a dataset before it is looked at."""
    with pytest.raises(UnauthorisedError) as caught:
        Key(KEY).check_traces(presented, dataset)
    assert str(caught.value) == message


def test_the_key_is_accepted() -> None:
    """With or without a dataset, which counts for nothing."""
    Key(KEY).check_traces(KEY, None)
    Key(CLASSIC).check_traces(CLASSIC, "d")
