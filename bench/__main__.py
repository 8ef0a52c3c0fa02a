"""``python -m bench``: run every benchmark, or those whose name begins with ``--name``."""

from __future__ import annotations

import argparse
import sys

from bench import (
    check,
    deploy,
    exactness,
    filters,
    forecast,
    honeycomb,
    local_ingest,
    local_reads,
    memory,
    plan,
    request,
    startup,
    throughput,
    verify,
)
from bench.commands import CommandFailedError
from bench.figures import as_line, matching, write

BENCHMARKS = (
    plan,
    deploy,
    verify,
    check,
    forecast,
    startup,
    request,
    throughput,
    memory,
    exactness,
    filters,
    local_ingest,
    local_reads,
    honeycomb,
)


def main() -> int:
    """Print one line of JSON for each figure; return 0, or 2 where a benchmark could not run."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--name", help="only the figures whose name begins so")
    arguments = parser.parse_args()
    chosen = [benchmark for benchmark in BENCHMARKS if matching(benchmark.NAMES, arguments.name)]
    if not chosen:
        names = ", ".join(name for benchmark in BENCHMARKS for name in benchmark.NAMES)
        print(f"bench: no name begins with {arguments.name!r}: use one of {names}", file=sys.stderr)
        return 2
    count = 0
    for benchmark in chosen:
        print(f"bench: {', '.join(benchmark.NAMES)} ...", file=sys.stderr, flush=True)
        try:
            for figure in benchmark.measure():
                print(as_line(figure), flush=True)
                path = write([figure])
                count += 1
        except CommandFailedError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    print(f"bench: {count} figures, kept in {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
