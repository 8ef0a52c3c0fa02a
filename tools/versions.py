"""The versions that are pinned, each in this one place."""

from __future__ import annotations

import re

PYTHON_MINIMUM = (3, 11)
TERRAFORM = "1.11.4"
TERRAFORM_MINIMUM = (1, 11)
TERRAGRUNT = "1.1.3"
TERRAGRUNT_SERIES = (1, 1)
AWS_PROVIDER = "5.100.0"
ACTIONLINT = "1.7.12"
# Of the vendor's archives, by system and processor (rhysd/actionlint, Casks/actionlint.rb of that release).
ACTIONLINT_SHA256 = {
    ("linux", "amd64"): "8aca8db96f1b94770f1b0d72b6dddcb1ebb8123cb3712530b08cc387b349a3d8",
    ("linux", "arm64"): "325e971b6ba9bfa504672e29be93c24981eeb1c07576d730e9f7c8805afff0c6",
    ("darwin", "amd64"): "5b44c3bc2255115c9b69e30efc0fecdf498fdb63c5d58e17084fd5f16324c644",
    ("darwin", "arm64"): "aba9ced2dee8d27fecca3dc7feb1a7f9a52caefa1eb46f3271ea66b6e0e6953f",
}

_NUMBER = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def parse(text: str) -> tuple[int, int, int] | None:
    """Return the first ``major.minor.patch`` in *text*, or None where there is none."""
    found = _NUMBER.search(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def terraform_fits(version: tuple[int, int, int]) -> bool:
    """Terraform 1.11 and later know write-only arguments and S3's native lock."""
    return version[0] == 1 and version[:2] >= TERRAFORM_MINIMUM


def terragrunt_fits(version: tuple[int, int, int]) -> bool:
    """Terragrunt's flags and its `render` are those of the 1.1 series."""
    return version[:2] == TERRAGRUNT_SERIES


def actionlint_fits(version: tuple[int, int, int]) -> bool:
    """Each version of actionlint checks more than the one before: what CI finds, everybody finds."""
    return version == parse(ACTIONLINT)
