"""``pull-request-comment``: documents on disk as one comment, written once and then brought up to date."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Put documents into one comment on a pull request; run again, it is brought up to date."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the comment's name, the documents and the pull request."""
    parser.add_argument("--name", default="", help="which comment of ours it is, such as plan-dev")
    parser.add_argument("--documents", default="", help="the documents' paths, with spaces between them")
    parser.add_argument("--pull-request", default="", help="its number (default: the one of GITHUB_REF)")


def run(arguments: Namespace) -> int:
    """Write the comment and tell where it is."""
    output = Output()
    paths = [Path(word) for word in arguments.documents.split()]
    if not paths:
        raise OperatorError("no documents are named", remedy="give DOCUMENTS='check.md plan.txt'")
    from scripts import markdown
    from scripts.github import documents, kept, settings
    from scripts.github.client import Client

    found = settings.read(os.environ)
    number = _number(arguments.pull_request, found.pull_request)
    kept.marker(arguments.name)
    where = f" ([the run]({found.run_url}))" if found.run_url else ""
    read = documents.read(paths)
    body = documents.together(f"## {markdown.escaped(arguments.name)}{where}", read)
    with output.step("GitHub is asked"):
        done = kept.keep_comment(Client(found, tell=output.say), number, arguments.name, body)
    missing = [document.name for document in read if document.text is None]
    without = f", without {', '.join(missing)}" if missing else ""
    output.summary(f"pull-request-comment {arguments.name}: {done.did}{without}: {done.url}")
    return 0


def _number(given: str, known: int | None) -> int:
    if given:
        if not (given.isascii() and given.isdigit() and len(given) <= 18 and int(given)):
            raise OperatorError(
                f"{given[:40]!r} is no pull request's number", remedy="give PULL_REQUEST=<number>"
            )
        return int(given)
    if known is None:
        raise OperatorError(
            "this run is for no pull request (GITHUB_REF)", remedy="give PULL_REQUEST=<number>"
        )
    return known
