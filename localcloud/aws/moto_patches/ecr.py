"""ECR: digests that are those of the manifests, and images that can't be put."""

import hashlib
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.ecr.exceptions import ImageAlreadyExistsException, InvalidParameterException
from moto.ecr.models import ECRBackend, Image

from localcloud.aws.strict_json import loads


def digest_manifests() -> None:
    """Have an image's digest be that of its manifest, as in any registry; moto takes its layers'."""

    def create_digest(self: Any) -> None:
        self._image_digest = _digest(self.image_manifest)

    Image._create_digest = create_digest  # noqa: SLF001 - moto has no other way


def check_images() -> None:
    """Refuse an image whose repository isn't there, whose manifest is none or has another digest.

    Where its tag is another image's for good, ECR has an error of its own.
    """
    original = ECRBackend.put_image

    def put_image(
        self: Any,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Any:
        self._get_repository(repository_name)
        if not _is_object(image_manifest):
            raise InvalidParameterException("Invalid parameter at 'imageManifest': it isn't a JSON object")
        actual = _digest(image_manifest)
        if digest not in {None, actual}:
            raise JsonRESTError(
                "ImageDigestDoesNotMatchException",
                f"The provided digest '{digest}' does not match the calculated digest '{actual}'",
            )
        try:
            return original(
                self, repository_name, image_manifest, image_tag, image_manifest_mediatype, actual
            )
        except ImageAlreadyExistsException as error:
            tagged = [one for one in self.repositories[repository_name].images if image_tag in one.image_tags]
            if any(one.image_manifest == image_manifest for one in tagged):
                raise
            raise JsonRESTError(
                "ImageTagAlreadyExistsException",
                f"The image tag '{image_tag}' already exists in the '{repository_name}' repository and cannot"
                " be overwritten because the tag is immutable.",
            ) from error

    ECRBackend.put_image = put_image


def _digest(manifest: str) -> str:
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


def _is_object(manifest: str) -> bool:
    try:
        return isinstance(loads(manifest.encode()), dict)
    except ValueError:
        return False
