"""Terraform's command line configuration: where the provider comes from.

Kept in ``.local/terraformrc``. What the user's own configuration says stays: with a
``provider_installation`` of its own it is used as it is, else ours is added to a copy of it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tools import cache

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / ".local" / "terraformrc"
_INSTALLATION = """\
disable_checkpoint = true

provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["registry.terraform.io/hashicorp/aws"]
  }}
  direct {{
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }}
}}
"""


def users_own() -> Path | None:
    """Return the configuration that Terraform would read without us, or None where there is none."""
    named = os.environ.get("TF_CLI_CONFIG_FILE")
    path = Path(named) if named else cache.home() / ".terraformrc"
    return path if path != FILE and path.is_file() else None


def write(mirror: Path) -> Path:
    """Write the configuration for *mirror* (mode 600) and return the path that TF_CLI_CONFIG_FILE gets."""
    own = users_own()
    text = own.read_text() if own is not None else ""
    if own is not None and ("provider_installation" in text or "dev_overrides" in text):
        return own
    ours = _INSTALLATION.format(mirror=mirror)
    if "disable_checkpoint" in text:
        ours = ours.replace("disable_checkpoint = true\n\n", "")
    content = f"{text.rstrip()}\n\n{ours}" if text.strip() else ours
    FILE.parent.mkdir(exist_ok=True)
    if not FILE.is_file() or FILE.read_text() != content:
        # A name of its own: threads of one command come here side by side.
        with tempfile.NamedTemporaryFile("w", dir=FILE.parent, prefix=f"{FILE.name}.", delete=False) as file:
            file.write(content)
        Path(file.name).replace(FILE)
    return FILE
