"""``conform``: hold the contract suite against the local cloud or a real account."""

from __future__ import annotations

import fnmatch
import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from scripts import approval, session
from scripts.arguments import add_approval, add_environment
from scripts.conform import limits, recordings
from scripts.conform.asking import Asking
from scripts.conform.cases import all_cases
from scripts.conform.endpoints import open_endpoints, refuse_other_places
from scripts.conform.report import STATUSES, exit_code, to_document, to_table
from scripts.errors import OperatorError
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Ask X-Ray and Honeycomb what the local cloud claims of them, and say where they differ."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, what to ask, and the report's format."""
    add_environment(parser)
    add_approval(parser)
    parser.add_argument("--case", default="*", help="the cases' ids, with * and ? (default: all)")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: Namespace) -> int:
    """Run the cases: 0 where every claim that may be asked for holds, 1 where one does not, 2 unanswered.

    On dev and prod it states the cost, asks for approval, and keeps redacted recordings in docs/conformance.
    """
    output = Output(document=arguments.format == "json")
    chosen = [case for case in all_cases() if fnmatch.fnmatchcase(case.id, arguments.case)]
    if not chosen:
        raise OperatorError(f"no case is called {arguments.case}", remedy="`make conform CASE='xray.*'`")
    approval.refuse(arguments.env, "conform", arguments.approve)
    refuse_other_places(arguments.env, os.environ)
    opened = session.begin(arguments.env, "", output)
    output.say(f"{len(chosen)} cases; {limits.statement()}")
    approval.ask(arguments.env, "conform", arguments.approve)
    budget = limits.Budget()
    with_honeycomb = any(case.service == "honeycomb" for case in chosen)
    endpoints = open_endpoints(opened, budget, with_honeycomb=with_honeycomb)
    asking = Asking(endpoints, output, is_local=opened.environment.is_local)
    results = asking.ask(chosen)
    if not opened.environment.is_local:
        output.say(f"{asking.written} recordings in {recordings.FOLDER}")
    if arguments.format == "json":
        output.document(json.dumps(to_document(arguments.env, results), indent=2) + "\n")
    else:
        output.show(to_table(results))
    counted = Counter(one.status for one in results)
    code = exit_code(results, clean=asking.clean)
    said = ", ".join(f"{counted[status]} {status}" for status in STATUSES)
    output.summary(f"conform {arguments.env}: {said}; {budget.usd():.4f} USD", good=code == 0)
    return code
