"""Compose files by their schema: ``python -m tools.compose_check <check-jsonschema> <files>``.

check-jsonschema brings the specification's schema with it, and asks nobody. It does not know compose's own
tags, by which an override takes away what the file before it has: they are left out of what it reads.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml  # type: ignore[import-untyped]

TAGS = ("!reset", "!override")
"""Compose specification, 13-merge.md, "Reset value" and "Replace value"."""


def without_tags(text: str) -> str:
    """Return the YAML document *text* without what !reset takes away; !override's value is kept as it is.

    Anchors and names given twice are left as they are. Raises yaml.YAMLError where it is no YAML.
    """
    top = yaml.compose(text)
    left, seen = [top], set()
    while left:
        node = left.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if node.tag in TAGS:
            kind = "map" if isinstance(node, yaml.MappingNode) else "seq"
            node.tag = f"tag:yaml.org,2002:{kind}"
        if isinstance(node, yaml.MappingNode):
            node.value = [(key, value) for key, value in node.value if value.tag != TAGS[0]]
            left += [value for _, value in node.value]
        else:
            left += node.value
    return str(yaml.serialize(top, width=10_000))


def main(arguments: list[str]) -> int:
    """Check the files; print what is wrong by their names and return 1 where something is."""
    program, *names = arguments
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            try:
                text = without_tags(Path(name).read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                print(f"{name}: {' '.join(str(error).split())}")
                return 1
            (Path(folder) / Path(name).name).write_text(text, encoding="utf-8")
        command = [program, "--color", "never", "--builtin-schema", "vendor.compose-spec"]
        short = [Path(name).name for name in names]
        return subprocess.run([*command, *short], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
