"""What is in the image, as CycloneDX 1.6: the base image, and each Python package with licence and hashes.

Made from the Dockerfile and backend-flask/requirements.txt alone, licences from the packages' own metadata:
the same files have the same document, without a time in it. What the base image consists of is told by its
own attestation. Source of the format: cyclonedx.org/docs/1.6/json.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from scripts import paths
from scripts.errors import OperatorError
from scripts.image import contents

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK = "backend-flask/requirements.txt"
_VIA = re.compile(r"^ +#(?: +via)? +(?!via$)(-r \S+|[A-Za-z0-9][\w.-]*)$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_BASE = re.compile(r"(?:[^/\s]+/)*(?P<name>[a-z0-9._-]+):(?P<tag>[\w.-]+)@sha256:(?P<digest>[0-9a-f]{64})")
_LICENSE_CLASSIFIER = "License :: "
_ROOT = "image"
# What PEP 508's markers ask for, of the one system that the image is for.
_SYSTEM = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "sys_platform": "linux",
}


@dataclass(frozen=True)
class Package:
    """A package of the lock: name, version, SHA-256 of each of its files, and who wants it; we are ``""``."""

    name: str
    version: str
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]
    licenses: tuple[dict[str, Any], ...] = field(default=())

    @property
    def url(self) -> str:
        """The package's URL, as the purl specification has it for PyPI."""
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(text: str, python_version: str) -> tuple[Package, ...]:
    """Return the packages of a compiled lock that are for Linux and `python_version`, such as `3.11`.

    Raises OperatorError where a requirement isn't pinned to one version, or has no hash.
    """
    system = {**_SYSTEM, "python_version": python_version, "python_full_version": f"{python_version}.0"}
    found = []
    for block in re.split(r"\n(?=\w)", text):
        if not re.match(r"\w", block):
            continue
        line = block.split("\\")[0].split("#")[0].strip()
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            raise OperatorError(f"{LOCK}: {line[:80]} is no requirement", remedy="run `make lock`") from error
        version = re.fullmatch(r"==([^*,]+)", str(requirement.specifier))
        hashes = _HASH.findall(block)
        if version is None or not hashes:
            raise OperatorError(
                f"{LOCK}: {requirement.name} has no single version with hashes", remedy="run `make lock`"
            )
        if requirement.marker is None or requirement.marker.evaluate(system):
            wanted = tuple(
                "" if one.startswith("-r ") else canonicalize_name(one) for one in _VIA.findall(block)
            )
            found.append(Package(canonicalize_name(requirement.name), version[1], tuple(hashes), wanted))
    if not found:
        raise OperatorError(f"{LOCK}: no package is in it", remedy="run `make lock`")
    return tuple(sorted(found, key=lambda package: package.name))


def licenses_of(name: str, version: str) -> tuple[dict[str, Any], ...]:
    """Return a package's licences as CycloneDX has them, from what is installed here; () where it tells none.

    Raises OperatorError where it isn't installed here in that version.
    """
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise OperatorError(f"{name} {version} is not installed here", remedy="run `make tools`") from error
    if found.version != version:
        raise OperatorError(f"{name} is {found.version} here, {version} in {LOCK}", remedy="run `make tools`")
    expressions = found.metadata.get_all("License-Expression")
    if expressions:
        return ({"expression": expressions[0]},)
    classified = [
        text.rsplit(" :: ", 1)[1]
        for text in found.metadata.get_all("Classifier") or []
        if text.startswith(_LICENSE_CLASSIFIER)
    ]
    written = (found.metadata.get_all("License") or [""])[0].strip()
    names = classified or ([written] if written and "\n" not in written else [])
    return tuple({"license": {"name": name}} for name in names)


def document(packages: Iterable[Package], base: str, tag: str) -> dict[str, Any]:
    """Return the bill of materials of the image `tag`, on `base` (`name:tag@sha256:...`), as a JSON object.

    Raises OperatorError where the base is not pinned by its digest.
    """
    chosen = tuple(packages)
    names = {package.name: package.url for package in chosen}
    wants: dict[str, list[str]] = {_ROOT: ["base"], "base": [], **{url: [] for url in names.values()}}
    for package in chosen:
        # who is not for this system wants nothing here
        for name in package.wanted_by:
            if not name or name in names:
                wants[names[name] if name else _ROOT].append(package.url)
    root = {"type": "container", "bom-ref": _ROOT, "name": "backend-flask", "version": tag}
    components = [_base(base), *(_library(package) for package in chosen)]
    # derived, so that the same image has the same number
    serial = uuid5(NAMESPACE_URL, f"{tag}\n{components}")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": root},
        "components": components,
        "dependencies": [
            {"ref": reference, "dependsOn": sorted(set(others))} for reference, others in wants.items()
        ],
    }


def of_checkout() -> dict[str, Any]:
    """Return the bill of materials of the image that this checkout makes.

    Raises OperatorError where the Dockerfile or the lock can't be read, or a package isn't installed here.
    """
    base = contents.dockerfile().base()
    python = re.search(r"python:(\d+\.\d+)", base)
    if python is None:
        raise OperatorError(
            f"the image stands on {base}, which names no Python", remedy="use python:<version>"
        )
    packages = [
        Package(one.name, one.version, one.hashes, one.wanted_by, licenses_of(one.name, one.version))
        for one in locked((paths.ROOT / LOCK).read_text(), python[1])
    ]
    return document(packages, base, contents.content_tag())


def _base(base: str) -> dict[str, Any]:
    found = _BASE.fullmatch(base)
    if found is None:
        raise OperatorError(f"the base image is {base}", remedy="pin it as <name>:<tag>@sha256:<digest>")
    return {
        "type": "container",
        "bom-ref": "base",
        "name": found["name"],
        "version": found["tag"],
        "purl": f"pkg:oci/{found['name']}@sha256%3A{found['digest']}?tag={found['tag']}",
        "hashes": [{"alg": "SHA-256", "content": found["digest"]}],
    }


def _library(package: Package) -> dict[str, Any]:
    files = {
        "type": "distribution",
        "url": f"https://pypi.org/project/{package.name}/{package.version}/",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }
    return {
        "type": "library",
        "bom-ref": package.url,
        "name": package.name,
        "version": package.version,
        "purl": package.url,
        **({"licenses": list(package.licenses)} if package.licenses else {}),
        "externalReferences": [files],
    }
