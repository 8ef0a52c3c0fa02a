"""An image's full reference, as ECS takes it: ``<registry>/<repository>:<tag>`` or ``...@sha256:<digest>``.

Source: github.com/distribution/reference, its grammar. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scripts.errors import OperatorError

LENGTH_MAX = 512
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_FORM = re.compile(
    rf"(?P<name>(?:(?P<registry>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?)/)?(?P<repository>{_PART}(?:/{_PART})*))"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_ECR = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
)
_EXPECTED = "give a whole reference, as in IMAGE=<registry>/<repository>:<tag> or @sha256:<digest>"


@dataclass(frozen=True)
class Place:
    """A private registry of ECR: its account and region."""

    account_id: str
    region: str


@dataclass(frozen=True)
class Reference:
    """An image by its parts; one of ``tag`` and ``digest`` at least is there."""

    text: str
    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def place(self) -> Place | None:
        """Return the account and region of its registry in ECR, None where it is no private one there."""
        found = _ECR.fullmatch(self.registry)
        return Place(found["account"], found["region"]) if found else None

    @property
    def short(self) -> str:
        """The tag, else the digest's first 12 digits: what a person tells images apart by."""
        return self.tag or self.digest.removeprefix("sha256:")[:12]


def parse(text: str) -> Reference:
    """Return *text* as a reference, in the form that the service's stack takes.

    That is the registry in lower case, and of a tag and a digest the digest, which alone decides.

    Raises OperatorError where it is none, or names no one image: without tag and digest, or `latest`.
    """
    found = _FORM.fullmatch(text) if len(text) <= LENGTH_MAX else None
    if found is None:
        raise OperatorError(f"IMAGE is {text[:80]!r}, which is no image's reference", remedy=_EXPECTED)
    tag, digest = found["tag"] or "", found["digest"] or ""
    if not tag and not digest:
        raise OperatorError(f"IMAGE={text} has neither a tag nor a digest", remedy=_EXPECTED)
    if tag == "latest" and not digest:
        raise OperatorError(
            f"IMAGE={text} may be another image tomorrow, and nothing could go back to it", remedy=_EXPECTED
        )
    registry, repository = (found["registry"] or "").lower(), found["repository"]
    place = f"{registry}/{repository}" if registry else repository
    whole = f"{place}@{digest}" if digest else f"{place}:{tag}"
    return Reference(whole, registry, repository, tag, digest)
