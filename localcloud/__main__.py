"""`python -m localcloud`: AWS, the X-Ray daemon and Honeycomb on this machine."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from localcloud.addresses import Addresses
from localcloud.config import DEFAULT_HOST, Config
from localcloud.errors import DataLostError, LocalCloudError
from localcloud.logs import start_logging

EXIT_NOT_STARTED = 2
EXIT_DATA_LOST = 1


def build_parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    parser.add_argument("--host", default=DEFAULT_HOST, help="loopback address (default %(default)s)")
    for name, what in (
        ("aws", "the AWS endpoint"),
        ("daemon", "the X-Ray daemon, UDP and TCP"),
        ("honeycomb", "Honeycomb's API"),
    ):
        parser.add_argument(
            f"--{name}-port", type=_port, default=0, help=f"port of {what} (default: any that is free)"
        )
    parser.add_argument(
        "--honeycomb-key-file", type=Path, help="where Honeycomb's key is; made (mode 600) if it isn't there"
    )
    parser.add_argument(
        "--data", type=Path, help="folder that traces and events are kept in (default: they are in memory)"
    )
    parser.add_argument("--authorise", action="store_true", help="evaluate IAM policies from the start")
    parser.add_argument(
        "--addresses", type=Path, help="write the addresses, as JSON, to this file; removed at the end"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the local cloud to its end; return 0 after a clean stop, 2 where it can't be started.

    1 is returned where what came last couldn't be written.
    """
    options = build_parser().parse_args(arguments)
    start_logging()
    try:
        config = Config(**vars(options))
        # stdout is the addresses' alone; moto prints on it as well.
        output = sys.stdout
        with contextlib.redirect_stdout(sys.stderr):
            asyncio.run(_serve(config, output))
    except LocalCloudError as error:
        sys.stderr.write(f"localcloud: {error}\n")
        return EXIT_NOT_STARTED
    except DataLostError as error:
        sys.stderr.write(f"localcloud: {error}\n")
        return EXIT_DATA_LOST
    return 0


async def _serve(config: Config, output: TextIO) -> None:
    # Here, because moto's import is long and a bad option is told at once.
    from localcloud.server import serve

    def announce(addresses: Addresses) -> None:
        if config.addresses is not None:
            addresses.write(config.addresses)
            written.callback(addresses.remove, config.addresses)
        output.write(f"{addresses.as_json()}\n")
        output.flush()

    with contextlib.ExitStack() as written:
        await serve(config, announce)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port: expected 0 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
