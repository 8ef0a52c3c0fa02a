"""Which image is deployed: one that is named, or the checkout's, made where the registry lacks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import applying
from scripts.deploy import docker, parameter, registry
from scripts.deploy.preparing import REGISTRY
from scripts.deploy.reference import parse
from scripts.errors import InterruptedRunError, OperatorError
from scripts.image import contents

if TYPE_CHECKING:
    from scripts.deploy.preparing import Work
    from scripts.deploy.reference import Reference


def refuse(work: Work, given: Reference | None, tag: str) -> bool:
    """Return whether the image of content *tag* has to be made; an image that is *given* is looked for.

    Nothing is changed. Raises OperatorError where it can't be had.
    """
    if given is not None:
        if not registry.require(work.names, given, local=work.is_local):
            work.output.say(
                f"{given.text} is in no registry of this account: whether it is there isn't looked at"
            )
        return False
    there = registry.repository(work.aws, work.names, local=work.is_local)
    if there is not None and registry.has(parse(f"{there}:{tag}"), local=work.is_local):
        work.output.say(f"{there}:{tag} is there already, of exactly these files: nothing is built")
        return False
    if not work.is_local:
        docker.require_engine()
    return True


def make_registry(work: Work) -> str:
    """Return the repository as images are named by it; it and the image parameter are made where missing.

    Raises OperatorError.
    """
    there = registry.repository(work.aws, work.names, local=work.is_local)
    if there is None or parameter.read(work.aws, work.names, local=work.is_local) is None:
        said = applying.apply(work.of(REGISTRY), None)
        work.output.say(f"registry: {said}")
        there = registry.repository(work.aws, work.names, local=work.is_local)
    if there is None:
        raise OperatorError(
            f"unit registry was applied, and there is no repository {work.names.repository}",
            remedy="look at that unit: `make plan UNIT=registry`",
        )
    return there


def make(work: Work, repository: str, tag: str) -> None:
    """Build the checkout's image and push it as *repository*:*tag*.

    The local cloud runs no containers and keeps no layers: there, the manifest alone is put.
    """
    reference = f"{repository}:{tag}"
    if work.is_local:
        registry.put_manifest(work.aws, work.names, tag)
        work.output.say(
            f"{reference}: its manifest is in the registry; no container runs locally, none is built"
        )
        return
    docker.build(reference, work.output)
    login = registry.login(work.aws, local=False)
    try:
        docker.push(reference, login, work.output)
    except InterruptedRunError:
        raise
    except OperatorError:
        # Tags are immutable: somebody who has built the same files meanwhile was faster.
        if not registry.has(parse(reference), local=False):
            raise
        work.output.say(f"{reference} was pushed by somebody else meanwhile, of exactly these files")


def content_tag() -> str:
    """Return the tag of the checkout's image, which is that of its contents."""
    return contents.content_tag()
