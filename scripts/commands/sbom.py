"""``sbom``: what is in the backend's image, as CycloneDX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.image import sbom
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Write what is in the backend's image, as a CycloneDX document."


def add_arguments(parser: ArgumentParser) -> None:
    """Add where the document goes."""
    parser.add_argument("--out", default="", help="a file for it (default: standard output)")


def run(arguments: Namespace) -> int:
    """Write the document. 1 where a package tells no licence."""
    output = Output(document=not arguments.out)
    found = sbom.of_checkout()
    text = json.dumps(found, indent=2) + "\n"
    if arguments.out:
        _write(Path(arguments.out), text)
    else:
        output.document(text)
    packages = [part for part in found["components"] if part["type"] == "library"]
    silent = [part["name"] for part in packages if not part.get("licenses")]
    where = f" in {arguments.out}" if arguments.out else ""
    told = f"no licence is told by {', '.join(silent)}" if silent else "each with its licence"
    output.summary(f"sbom: {len(packages)} packages{where}, {told}", good=not silent)
    return 1 if silent else 0


def _write(place: Path, text: str) -> None:
    try:
        place.write_text(text)
    except OSError as error:
        raise OperatorError(
            f"{place} can't take the document ({error.strerror})", remedy="choose another OUT"
        ) from error
