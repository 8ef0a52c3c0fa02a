"""``drift-issue``: one issue that is open while a verification's report has something that did not pass."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Open, update or close the one issue on drift, by the report that `make verify FORMAT=json` made."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the report."""
    parser.add_argument("--report", default="", help="the report's path: verify's JSON document")


def run(arguments: Namespace) -> int:
    """Bring the issue up to date and tell where it is; the environment is the report's own."""
    output = Output()
    if not arguments.report:
        raise OperatorError("no report is named", remedy="give REPORT=verify.json")
    from scripts.github import drift, kept, settings
    from scripts.github.client import Client

    environment, results = drift.read(Path(arguments.report))
    found = settings.read(os.environ)
    healthy = drift.is_healthy(results)
    title = f"make verify ENV={environment}: not all checks pass"
    text = drift.body(environment, results, found.run_url)
    with output.step("GitHub is asked"):
        client = Client(found, tell=output.say)
        done = kept.keep_issue(client, f"drift-{environment}", title, text, is_open=not healthy)
    said = "all checks pass, no issue is open" if done.did == "nothing" else f"{done.did}: {done.url}"
    output.summary(f"drift-issue {environment}: {said}")
    return 0
