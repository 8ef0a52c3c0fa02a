"""ECR, as far as a deployment asks it: is the repository there, does it have an image, take one in."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from scripts.deploy import calls
from scripts.deploy.reference import Place
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names
    from scripts.deploy.reference import Reference

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
_NO_REPOSITORY, _NO_IMAGE = "RepositoryNotFoundException", "ImageNotFoundException"
_THERE = {"ImageAlreadyExistsException", "ImageTagAlreadyExistsException"}


@dataclass(frozen=True)
class Login:
    """What Docker logs in to a registry with; the password is valid for twelve hours."""

    server: str
    user: str
    password: str = field(repr=False)


def repository(aws: Aws, names: Names, *, local: bool) -> str | None:
    """Return the environment's repository as images are named by it, None where there is none."""

    def call() -> str | None:
        try:
            found = aws.ecr.describe_repositories(repositoryNames=[names.repository])["repositories"]
        except ClientError as error:
            if calls.code(error) == _NO_REPOSITORY:
                return None
            raise
        return str(found[0]["repositoryUri"]) if found else None

    return calls.called(call, local=local)


def has(reference: Reference, *, local: bool) -> bool:
    """Tell whether an image of a private registry in ECR is there.

    Raises OperatorError where it can't be asked, and ValueError for an image that is in no such registry.
    """
    place = reference.place
    if place is None:
        raise ValueError(f"{reference.text} is in no private registry of ECR")
    image = {"imageDigest": reference.digest} if reference.digest else {"imageTag": reference.tag}

    def call() -> bool:
        try:
            found: dict[str, Any] = calls.aws(place.region).ecr.describe_images(
                registryId=place.account_id, repositoryName=reference.repository, imageIds=[image]
            )
        except ClientError as error:
            if calls.code(error) in {_NO_REPOSITORY, _NO_IMAGE}:
                return False
            raise
        return bool(found["imageDetails"])

    return calls.called(call, local=local)


def login(aws: Aws, *, local: bool) -> Login:
    """Return what Docker logs in with. Raises OperatorError."""
    [granted] = calls.called(aws.ecr.get_authorization_token, local=local)["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    return Login(str(granted["proxyEndpoint"]).removeprefix("https://"), user, password)


def manifest(content_tag: str) -> str:
    """Return an image's manifest whose configuration is of that content, and that has no layers.

    The local cloud runs no containers: which image it is, is all that can be told there.
    """
    said = {"architecture": "amd64", "os": "linux", "config": {"Labels": {"content": content_tag}}}
    configuration = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {
            "mediaType": _CONFIG_TYPE,
            "size": len(configuration),
            "digest": f"sha256:{hashlib.sha256(configuration).hexdigest()}",
        },
        "layers": [],
    }
    return json.dumps(document, separators=(",", ":"))


def put_manifest(aws: Aws, names: Names, tag: str) -> None:
    """Put the manifest of content *tag* under that tag; one that is there stays. Raises OperatorError."""

    def call() -> None:
        try:
            aws.ecr.put_image(
                repositoryName=names.repository,
                imageManifest=manifest(tag),
                imageManifestMediaType=MANIFEST_TYPE,
                imageTag=tag,
            )
        except ClientError as error:
            if calls.code(error) not in _THERE:
                raise

    calls.called(call, local=True)


def require(names: Names, reference: Reference, *, local: bool) -> bool:
    """Return whether *reference* could be looked up, as those in the environment's repository can.

    Raises OperatorError where it could, and there is no such image; and for another repository of ECR, which
    the task's execution role may not pull from.
    """
    if reference.place is None:
        return False
    ours = Place(names.account_id, names.region)
    if reference.place != ours or reference.repository != names.repository:
        raise OperatorError(
            f"{reference.text} is in another repository of ECR than {names.repository} of {names.account_id} "
            f"in {names.region}, which alone the tasks may pull from",
            remedy="push it there, or leave IMAGE out",
        )
    if not has(reference, local=local):
        raise OperatorError(
            f"there is no image {reference.text}", remedy="push it first, or name one that is there"
        )
    return True
