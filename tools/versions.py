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
TFLINT = "0.64.0"
# terraform-linters/tflint, checksums.txt of that release.
TFLINT_SHA256 = {
    ("linux", "amd64"): "cca9d13e2e1d7a2c627af60ff899a3c9b74212899416aeb96ec764d2ef954537",
    ("linux", "arm64"): "560da89aacf59389d4eb029730dd5b109b7288096c32f2726a0d9e783a5ea8eb",
    ("darwin", "amd64"): "0f3a9fd17526014646a2dfc3f9122f7b4161abe3d6b0f0f03f9014483ddf4d19",
    ("darwin", "arm64"): "2496e9cb3d24992d553b45e7c87a0fdc9449ca975233876247a9bfeda857e6c0",
}
TERRAFORM_DOCS = "0.21.0"
# terraform-docs/terraform-docs, terraform-docs-v0.21.0.sha256sum.
TERRAFORM_DOCS_SHA256 = {
    ("linux", "amd64"): "2fdd81b8d21ff1498cd559af0dcc5d155835f84600db06d3923e217124fc735a",
    ("linux", "arm64"): "35b2e6846268841484e6eea7d00d7dfe2c94b4725e52cfe19aa6c26a86c32edc",
    ("darwin", "amd64"): "ddf4b53925d857ae81210ebeda32b429a17385d6e4561ab1972067a9ccb36873",
    ("darwin", "arm64"): "92d6988d8c59c25aa1724068f4bc2d0f01a9d4706077e258e946e944ad7eee03",
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
