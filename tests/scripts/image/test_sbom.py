"""The image's bill of materials."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import command_line, paths
from scripts.errors import OperatorError
from scripts.image import contents, sbom
from scripts.image.sbom import Package

HEX = "ab" * 32
OTHER_HEX = "cd" * 32
BASE = f"docker.io/library/python:3.11.1-slim@sha256:{HEX}"
LOCK = f"""blinker==1.9.0 \\
    --hash=sha256:{HEX} \\
    --hash=sha256:{OTHER_HEX}
    # via flask
cffi==2.1.1 ; sys_platform == 'win32' \\
    --hash=sha256:{HEX}
    # via gevent
Flask_Cors==6.0.5 \\
    --hash=sha256:{HEX}
    # via
    #   -r backend-flask/requirements.in
    #   cffi
    #   flask
flask==3.1.3 \\
    --hash=sha256:{HEX}
    # via -r backend-flask/requirements.in
"""


def test_the_lock_is_read() -> None:
    """Name, version, hashes and who wants it; what is for another system is not in the image."""
    blinker, flask, cors = sbom.locked(LOCK, "3.11")
    assert blinker == Package("blinker", "1.9.0", (HEX, OTHER_HEX), ("flask",))
    assert flask == Package("flask", "3.1.3", (HEX,), ("",))
    assert cors == Package("flask-cors", "6.0.5", (HEX,), ("", "cffi", "flask"))
    assert cors.url == "pkg:pypi/flask-cors@6.0.5"


def test_the_document() -> None:
    """Base image and packages are components, and each hangs on what wants it, at last on the image."""
    found = sbom.document(sbom.locked(LOCK, "3.11"), BASE, "tag")
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert found["metadata"]["component"]["version"] == "tag"
    base, blinker, *_ = found["components"]
    assert base["purl"] == f"pkg:oci/python@sha256%3A{HEX}?tag=3.11.1-slim"
    assert base["hashes"] == [{"alg": "SHA-256", "content": HEX}]
    [files] = blinker["externalReferences"]
    assert [one["content"] for one in files["hashes"]] == [HEX, OTHER_HEX]
    assert {one["ref"]: one["dependsOn"] for one in found["dependencies"]} == {
        "image": ["base", "pkg:pypi/flask-cors@6.0.5", "pkg:pypi/flask@3.1.3"],
        "base": [],
        "pkg:pypi/blinker@1.9.0": [],
        "pkg:pypi/flask@3.1.3": ["pkg:pypi/blinker@1.9.0", "pkg:pypi/flask-cors@6.0.5"],
        "pkg:pypi/flask-cors@6.0.5": [],
    }


@pytest.mark.parametrize("line", ["flask>=3", "flask", "flask==3.*", "flask==3.1.3", "==", "-e .", ""])
def test_what_is_not_pinned_is_refused(line: str) -> None:
    """A package of whatever version, or without hashes, could be another one tomorrow."""
    hashes = "" if line == "flask==3.1.3" else f" \\\n    --hash=sha256:{HEX}"
    text = f"{line}{hashes}\n"
    if line and not re.match(r"\w", line):
        text = "x" + text
    with pytest.raises(OperatorError, match=r"backend-flask/requirements\.txt: .*: run `make lock`"):
        sbom.locked(text, "3.11")


@pytest.mark.parametrize("base", ["python:3.11", f"python@sha256:{HEX}", "python:3.11@sha256:00", ""])
def test_an_image_of_whatever_base_has_none(base: str) -> None:
    """The base image is told by tag and digest, or the document would say nothing."""
    with pytest.raises(OperatorError, match="pin it as <name>:<tag>@sha256:<digest>"):
        sbom.document((), base, "tag")


@given(st.permutations(range(3)))
def test_the_same_image_has_the_same_document(order: list[int]) -> None:
    """In whatever order the lock lists them; no time is in it. Another has another number."""
    blocks = re.split(r"\n(?=\w)", LOCK.strip())
    moved = "\n".join([*(blocks[number] for number in order), blocks[3]]) + "\n"
    packages = sbom.locked(moved, "3.11")
    same = sbom.document(packages, BASE, "tag")
    assert json.dumps(same) == json.dumps(sbom.document(sbom.locked(LOCK, "3.11"), BASE, "tag"))
    assert same["serialNumber"] != sbom.document(packages, BASE, "other")["serialNumber"]
    assert same["serialNumber"] != sbom.document(packages[1:], BASE, "tag")["serialNumber"]


def test_licences_are_what_is_installed() -> None:
    """The package's own expression, or what its classifiers name; another version isn't asked."""
    assert sbom.licenses_of("flask", version("flask")) == ({"expression": "BSD-3-Clause"},)
    assert sbom.licenses_of("blinker", version("blinker")) == ({"license": {"name": "MIT License"}},)
    with pytest.raises(OperatorError, match=r"flask is .* here, 0\.1 in .*: run `make tools`"):
        sbom.licenses_of("flask", "0.1")
    with pytest.raises(OperatorError, match="no-such-package 1 is not installed here: run `make tools`"):
        sbom.licenses_of("no-such-package", "1")


def version(name: str) -> str:
    """The version that the lock has."""
    text = (paths.ROOT / sbom.LOCK).read_text()
    return next(one.version for one in sbom.locked(text, "3.11") if one.name == name)


def test_the_backends_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every package is reached from the image and has a licence; the version is the image's tag."""
    out = tmp_path / "image.cdx.json"
    assert command_line.run(["sbom", "--out", str(out)]) == 0
    said = capsys.readouterr()
    found = json.loads(out.read_text())
    assert found["metadata"]["component"]["version"] == contents.content_tag()
    wants = {one["ref"]: one["dependsOn"] for one in found["dependencies"]}
    reached, waiting = set(), ["image"]
    while waiting:
        reference = waiting.pop()
        waiting += [other for other in wants[reference] if other not in reached]
        reached.add(reference)
    assert reached == {"image", *(one["bom-ref"] for one in found["components"])} == set(wants)
    libraries = [one for one in found["components"] if one["type"] == "library"]
    assert all(one["licenses"] for one in libraries)
    assert {"flask", "gunicorn", "boto3"} <= {one["name"] for one in libraries}
    assert "cffi" not in {one["name"] for one in libraries}
    assert said.out == f"sbom: {len(libraries)} packages in {out}, each with its licence\n"


def test_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Without OUT the document alone is there, and the summary on stderr."""
    assert command_line.run(["sbom"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["bomFormat"] == "CycloneDX"
    assert said.err.startswith("sbom: ")


def test_a_place_that_takes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with the remedy, and exit code 2."""
    assert command_line.run(["sbom", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"sbom: {tmp_path} can't take the document (Is a directory): choose another OUT\n"
    )


def test_a_package_without_licence_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The document is whole, and the exit code 1."""
    own = sbom.licenses_of
    monkeypatch.setattr(sbom, "licenses_of", lambda name, at: () if name == "flask" else own(name, at))
    assert command_line.run(["sbom"]) == 1
    said = capsys.readouterr()
    [flask] = [one for one in json.loads(said.out)["components"] if one["name"] == "flask"]
    assert "licenses" not in flask
    assert said.err.endswith("no licence is told by flask\n")
