"""Terragrunt through python-terraform: its command lines are used; its processes and variables are not.

python-terraform buffers output, writes dictionary variables into files, passes ``-force`` to destroy and
calls a deprecated logger method on failure; so only ``generate_cmd_string`` is left of it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from python_terraform import IsFlagged, Terraform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Terragrunt(Terraform):  # type: ignore[misc]  # the library has no types
    """Command lines of one Terragrunt for the units in one folder."""

    def __init__(self, executable: Path, terraform: Path, folder: Path) -> None:
        super().__init__(working_dir=str(folder), terraform_bin_path=str(terraform))
        self._executable = str(executable)

    def read_state_file(self, file_path: str | None = None) -> None:
        """Do nothing: state is in S3, and a file of that name here would not be ours."""

    def cmd(self, cmd: str, *args: str, **kwargs: Any) -> NoReturn:
        """Refuse: a process is started by ``scripts.terragrunt.process``, nowhere else."""
        raise NotImplementedError(f"{cmd}: build a command line and run it with process.run")

    def terraform_arguments(self, verb: str, **options: Any) -> list[str]:
        """Return Terraform's part of a command line, as in ``["plan", "-no-color", "-input=false"]``."""
        line: list[str] = self.generate_cmd_string(verb, no_color=IsFlagged, **options)
        return line[1:]

    def run_all(
        self,
        verb: str,
        units: Sequence[str],
        *,
        bootstrap: bool = False,
        report: Path | None = None,
        json_plans: Path | None = None,
        **options: Any,
    ) -> list[str]:
        """Return the command line that runs Terraform's *verb* in *units*.

        *bootstrap* makes the state bucket where it is missing; *report* is the file for Terragrunt's JSON
        report on each unit; *json_plans* the folder for each unit's plan, ``<unit>/tfplan.json``.
        """
        line = [self._executable, "--no-color", "--no-tips", "--non-interactive"]
        line += ["--working-dir", self.working_dir, "run", "--all", "--summary-disable"]
        for unit in units:
            line += ["--filter", f"./{unit}"]
        if bootstrap:
            line.append("--backend-bootstrap")
        if report is not None:
            line += ["--report-file", str(report), "--report-format", "json"]
        if json_plans is not None:
            line += ["--json-out-dir", str(json_plans)]
        return [*line, "--", *self.terraform_arguments(verb, **options)]

    def run_one(self, verb: str, *arguments: str, **options: Any) -> list[str]:
        """Return the command line that runs *verb* in the one unit whose folder this is."""
        line = [self._executable, "--no-color", "--no-tips", "--non-interactive", "--log-level", "error"]
        line += ["--working-dir", self.working_dir, "run", "--tf-forward-stdout", "--"]
        return [*line, *self.terraform_arguments(verb, **options), *arguments]
