"""Choosing among what a machine has: versions, mirrors, command line configuration."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools import (
    actionlint,
    cache,
    cli_config,
    lock_check,
    platforms,
    provider,
    python_environment,
    terraform,
    terraform_docs,
    terragrunt,
    tflint,
    versions,
)
from tools.errors import ToolError

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a cache of its own."""
    monkeypatch.setenv("TRACED_BACKEND_CACHE", str(tmp_path / "cache"))


def _executable(folder: Path, name: str, version: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {name} v{version}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "fits"), [("1.10.5", False), ("1.11.0", True), ("1.14.2", True), ("2.0.0", False)]
)
def test_terraform_on_path_counts_where_its_version_fits(
    version: str, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1.11 knows write-only arguments; an older one is named together with the remedy."""
    path = _executable(tmp_path / "bin", "terraform", version)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    if fits:
        assert terraform.find() == path
    else:
        with pytest.raises(ToolError, match=rf"{path} is {version}\): run `make tools`"):
            terraform.find()


def test_a_replaced_executable_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remembered version belongs to one file: after an upgrade it is read anew."""
    path = _executable(tmp_path / "bin", "terragrunt", "1.0.10")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    with pytest.raises(ToolError, match=r"1\.0\.10"):
        terragrunt.find()
    _executable(tmp_path / "bin", "terragrunt", "1.1.9")
    assert terragrunt.find() == path


@pytest.mark.parametrize("linter", [actionlint, tflint, terraform_docs])
def test_a_linter_on_path_counts_where_it_is_the_pinned_one(
    linter: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older one would find less than CI does; what is in the cache is taken then."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    path = _executable(folder, linter.TOOL.name, linter.TOOL.version)
    assert linter.ensure() == path
    _executable(folder, linter.TOOL.name, "0.1.27")
    linter.cached().parent.mkdir(parents=True)
    linter.cached().touch()
    assert linter.ensure() == linter.cached()


@pytest.mark.parametrize("linter", [actionlint, tflint, terraform_docs])
def test_a_linters_module_is_the_pinned_version(linter: ModuleType) -> None:
    """What is built is what the vendor's release would have been."""
    module = (linter.TOOL.folder / "go.mod").read_text()
    assert f"{linter.MODULE} v{linter.TOOL.version} " in module
    assert f"\ntool {linter.TOOL.package}\n" in module


def test_configurations_of_linters_name_their_versions() -> None:
    """Run by hand, another version refuses instead of finding something else."""
    assert f'required_version = "{versions.TFLINT}"' in (ROOT / ".tflint.hcl").read_text()
    assert f'version: "{versions.TERRAFORM_DOCS}"' in (ROOT / ".terraform-docs.yml").read_text()


def _mirror(folder: Path) -> Path:
    system, machine = platforms.current()
    target = folder / provider.SOURCE / versions.AWS_PROVIDER / f"{system}_{machine}"
    _executable(target, f"terraform-provider-aws_v{versions.AWS_PROVIDER}_x5", versions.AWS_PROVIDER)
    return folder


def test_a_mirror_is_found_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search goes by the folder's shape and not by one path; what it found is remembered."""
    mirror = _mirror(tmp_path / "somewhere" / "deep" / "plugins")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(provider, "_USUAL", ())
    monkeypatch.setattr(provider, "SEARCH_ROOTS", (str(tmp_path),))
    assert provider.find_mirror() == mirror
    monkeypatch.setattr(provider, "SEARCH_ROOTS", ())
    assert provider.find_mirror() == mirror


def test_a_named_mirror_must_hold_the_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that points nowhere is an error that names it."""
    monkeypatch.setenv(provider.MIRROR_VARIABLE, str(tmp_path))
    with pytest.raises(ToolError, match=provider.MIRROR_VARIABLE):
        provider.find_mirror()


def test_the_users_own_configuration_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of the user's file are kept; a file with its own installation rules is used as it is."""
    monkeypatch.setattr(cli_config, "FILE", tmp_path / "local" / "terraformrc")
    own = tmp_path / "own.tfrc"
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    own.write_text('credentials "app.example.com" {}\n')
    written = cli_config.write(tmp_path / "mirror")
    assert written.stat().st_mode & 0o777 == 0o600
    text = written.read_text()
    assert 'credentials "app.example.com"' in text
    assert f'path    = "{tmp_path / "mirror"}"' in text
    own.write_text("provider_installation {\n  direct {}\n}\n")
    assert cli_config.write(tmp_path / "mirror") == own


def test_a_configuration_that_does_not_exist_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TF_CLI_CONFIG_FILE may name a file that is not there: ours takes its place."""
    monkeypatch.setattr(cli_config, "FILE", tmp_path / "local" / "terraformrc")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cli_config.write(tmp_path / "mirror") == tmp_path / "local" / "terraformrc"


def test_lock_files_are_hashed_and_name_no_address() -> None:
    """What is committed passes the same check as `make lint`."""
    assert [problem for lock in lock_check.LOCKS for problem in lock_check.problems(lock)] == []


def test_the_backends_lock_carries_neither_moto_nor_terraform_glue() -> None:
    """The backend's image installs its own requirements alone."""
    names = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "backend-flask" / "requirements.txt").read_text(), re.MULTILINE
    )
    assert "flask" in names
    assert not {"moto", "python-terraform", "pytest", "awscli", "aws-xray-sdk"} & set(names)


@pytest.mark.parametrize(
    "line",
    [
        "KEY=hcaik_" + "a1" * 29,
        "key: hcxmk_" + "b2" * 15,
        "aws_access_key_id = AKIA" + "Q7" * 8,
        "-----BEGIN RSA PRIVATE " + "KEY-----",
    ],
)
def test_the_secret_scan_finds_a_planted_secret(line: str, tmp_path: Path) -> None:
    """Each kind of secret that could get here is found, and the finding does not repeat it."""
    planted = tmp_path / "planted.txt"
    planted.write_text(f"harmless\n{line}\n")
    finished = subprocess.run(
        [sys.executable, "-m", "tools.secret_scan", str(planted)], cwd=ROOT, capture_output=True, text=True
    )
    assert finished.returncode == 1, finished.stderr
    assert f"{planted}:2:" in finished.stdout
    assert line not in finished.stdout


def test_the_repository_holds_no_secret() -> None:
    """The whole checkout passes the scan."""
    finished = subprocess.run(
        [sys.executable, "-m", "tools.secret_scan"], cwd=ROOT, capture_output=True, text=True
    )
    assert finished.stdout.strip() == ""
    assert finished.returncode == 0


def test_a_linked_environment_is_never_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .venv that links to a current one is used; another's is replaced by one of our own."""
    theirs = tmp_path / "theirs"
    (theirs / "bin").mkdir(parents=True)
    (theirs / "bin" / "python").touch()
    link = tmp_path / "checkout" / ".venv"
    link.parent.mkdir()
    link.symlink_to(theirs)
    monkeypatch.setattr(python_environment, "FOLDER", link)
    made: list[bool] = []
    monkeypatch.setattr(python_environment, "_make", lambda: made.append(True))
    (theirs / python_environment.STAMP).write_text(python_environment._fingerprint())
    assert python_environment.ensure() == link / "bin" / "python"
    assert made == []
    (theirs / python_environment.STAMP).write_text("another")
    python_environment.ensure()
    assert made
    assert not link.exists()
    assert (theirs / "bin" / "python").exists()


def test_a_later_executable_on_path_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old one that comes first does not hide one that fits."""
    _executable(tmp_path / "old", "terraform", "1.5.7")
    path = _executable(tmp_path / "new", "terraform", "1.12.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}:{tmp_path / 'new'}:/bin:/usr/bin")
    assert terraform.find() == path


def test_without_home_the_accounts_own_folder_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOME may be missing, as under some service managers."""
    monkeypatch.delenv("HOME")
    assert cache.home().is_dir()


def test_the_secret_scan_looks_outside_a_git_checkout(tmp_path: Path) -> None:
    """An unpacked archive is scanned whatever the folders above it are called."""
    copy = tmp_path / ".local" / "unpacked"
    shutil.copytree(ROOT / "tools", copy / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "planted.txt").write_text("hcaik_" + "a1" * 29 + "\n")
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, "-m", "tools.secret_scan"], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 1, finished.stderr
    assert "planted.txt:1: Honeycomb key" in finished.stdout


@pytest.mark.parametrize(("arguments", "expected"), [((), "--env 'local'"), (("ENV=dev",), "--env 'dev'")])
def test_env_and_approve_count_only_from_makes_command_line(
    arguments: tuple[str, ...], expected: str
) -> None:
    """What is left in the shell must choose neither an environment nor an approval."""
    finished = subprocess.run(
        ["make", "-n", "destroy", *arguments],
        cwd=ROOT,
        env={**os.environ, "ENV": "prod", "APPROVE": "prod"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in finished.stdout
    assert "prod" not in finished.stdout


@pytest.mark.parametrize(
    ("target", "name", "option"), [("verify", "PROBE", "--probe"), ("check", "DESTROY", "--destroy")]
)
@pytest.mark.parametrize(("value", "is_meant"), [("1", True), ("0", False), ("", False)])
def test_a_switch_is_on_with_1_alone(target: str, name: str, option: str, value: str, is_meant: bool) -> None:
    """`0` and nothing mean no, and so does what is left in the shell."""
    make = ["make", "-n", target]
    given = subprocess.run([*make, f"{name}={value}"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (option in given.stdout) is is_meant
    left = subprocess.run(
        make, cwd=ROOT, env={**os.environ, name: value}, capture_output=True, text=True, check=True
    )
    assert option not in left.stdout


@pytest.mark.parametrize("on_command_line", [False, True])
def test_make_runs_nothing_of_what_it_is_given(on_command_line: bool, tmp_path: Path) -> None:
    """A value reaches the command and its environment as it is, from the environment and from make's line."""
    ran = tmp_path / "ran"
    value = f'$(shell touch {ran}) `touch {ran}` $$ $(USER) ${{HOME}} "a" it\'s # b \\ 50% GET /=1/s'
    recorder = tmp_path / "python"
    recorder.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"with open({str(tmp_path / 'seen')!r}, 'w') as file:\n"
        "    json.dump([sys.argv[1:], os.environ['ROUTES'], os.environ.get('ENV')], file)\n"
    )
    recorder.chmod(0o755)
    given = [f"ROUTES={value}"] if on_command_line else []
    subprocess.run(
        ["make", "-o", "ready", "forecast", f"RUN={recorder}", "ENV=dev", *given],
        cwd=ROOT,
        env={**os.environ, "ROUTES": "" if on_command_line else value},
        capture_output=True,
        text=True,
        check=True,
    )
    words, inherited, env = json.loads((tmp_path / "seen").read_text())
    assert words[words.index("--routes") + 1] == inherited == value
    assert words[words.index("--env") + 1] == "dev"
    assert env is None
    assert not ran.exists()


def test_make_quotes_what_it_passes_on() -> None:
    """A filter with quotes and spaces arrives as one word."""
    expression = "service(\"a b\") AND annotation.k = 'v'"
    finished = subprocess.run(
        ["make", "-n", "traces", f"FILTER={expression}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    words = shlex.split(next(line for line in finished.stdout.splitlines() if "scripts traces" in line))
    assert words[words.index("--filter") + 1] == expression
