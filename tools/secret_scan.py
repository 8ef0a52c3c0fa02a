"""No secret in the repository: detect-secrets' detectors over every file that git has or would take.

Honeycomb's keys, which it doesn't know, have a detector here. A line that looks like a secret and is
none says so with ``pragma: allowlist secret``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from tools.tracked import files

ROOT = Path(__file__).resolve().parent.parent
HONEYCOMB_KEY = re.compile(r"\bhc[a-z]i[kc]_[0-9a-z]{58}\b|\bhc[a-z]mk_[0-9a-z]{20,}\b")
# detectors of shapes; those of entropy take every hash in a lock file for a secret
_PLUGINS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "GitHubTokenDetector",
    "JwtTokenDetector",
    "NpmDetector",
    "PrivateKeyDetector",
    "SlackDetector",
    "StripeDetector",
)
_ALLOWED = "pragma: allowlist secret"


def scan(path: Path) -> list[str]:
    """Return one line for each finding in *path*: place and kind, never the secret."""
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    found = [f"{name}:{secret.line_number}: {secret.type}" for secret in scan_file(str(path))]
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if HONEYCOMB_KEY.search(line) and _ALLOWED not in line:
            found.append(f"{name}:{number}: Honeycomb key")
    return found


def main(arguments: list[str]) -> int:
    """Scan the files named, or all but links; print the findings and return 1 where there is one."""
    named = map(Path, arguments) if arguments else (path for path in files() if not path.is_symlink())
    with transient_settings({"plugins_used": [{"name": plugin} for plugin in _PLUGINS]}):
        found = [line for path in named for line in scan(path)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
