"""References to images: what is one, what names no one image, and where ECR has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.deploy.reference import Place, parse
from scripts.errors import OperatorError

DIGEST = "sha256:" + "0f" * 32
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        (f"{ECR}/cruddur-dev-backend-flask:99ab", ECR, "cruddur-dev-backend-flask", "99ab", ""),
        (f"{ECR}/team/backend@{DIGEST}", ECR, "team/backend", "", DIGEST),
        (f"{ECR}/backend:v1@{DIGEST}", ECR, "backend", "v1", DIGEST),
        ("localhost:5000/backend:1.2_3-x", "localhost:5000", "backend", "1.2_3-x", ""),
        (f"{ECR}/backend:latest@{DIGEST}", ECR, "backend", "latest", DIGEST),
    ],
)
def test_references_are_taken_apart(text: str, registry: str, repository: str, tag: str, digest: str) -> None:
    """Registry, repository, tag and digest; a digest says which image it is, and the tag is left out."""
    found = parse(text)
    assert (found.registry, found.repository) == (registry, repository)
    whole = text.replace(f":{tag}@", "@")
    assert found.text == whole == parse(found.text).text
    assert (found.tag, found.digest) == (tag, digest)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{ECR}/backend", "neither a tag nor a digest"),
        (f"{ECR}/backend:latest", "another image tomorrow"),
        (f"{ECR}/Backend:1", "no image's reference"),
        (f"{ECR}/backend:1 --privileged", "no image's reference"),
        (f"{ECR}/backend:1\n", "no image's reference"),
        ("", "no image's reference"),
        ("-v:1", "no image's reference"),
        (f"{ECR}/backend@sha256:12", "no image's reference"),
        (f"{ECR}/{'a' * 600}:1", "no image's reference"),
        ("../backend:1", "no image's reference"),
    ],
)
def test_what_names_no_one_image_is_refused(text: str, said: str) -> None:
    """With what is expected; nothing that could be read as an option gets to docker."""
    with pytest.raises(OperatorError, match=said) as raised:
        parse(text)
    assert "IMAGE=<registry>/<repository>:<tag>" in raised.value.remedy


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_an_error(text: str) -> None:
    """No other exception; and a reference is one again, with nothing that ends a word."""
    try:
        found = parse(text)
    except OperatorError:
        return
    assert parse(found.text).text == found.text
    assert found.registry == found.registry.lower()
    assert not any(character.isspace() for character in text)


@pytest.mark.parametrize(
    ("registry", "place"),
    [
        (ECR, Place("123456789012", "eu-west-1")),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Place("123456789012", "cn-north-1")),
        ("public.ecr.aws", None),
        (f"{ECR}.example.com", None),
        ("docker.io", None),
    ],
)
def test_a_private_registry_of_ecr_is_known_by_its_name(registry: str, place: Place | None) -> None:
    """Account and region are in it; other registries can't be asked."""
    assert parse(f"{registry}/backend:1").place == place


def test_a_person_tells_images_by_tag_or_digest() -> None:
    """The tag where there is one, else the first twelve digits."""
    assert parse(f"{ECR}/backend:v1@{DIGEST}").short == "v1"
    assert parse(f"{ECR}/backend@{DIGEST}").short == "0f" * 6
