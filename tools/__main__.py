"""``python3 -m tools``: set up all that the make targets need; quick when it is there already."""

import argparse
import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file alone has to be readable by an older Python
    sys.stderr.write(
        "tools: Python %d.%d is too old, 3.11 or later is needed: "  # noqa: UP031
        "install it and run make with PYTHON=python3.11\n" % sys.version_info[:2]
    )
    sys.exit(2)

from tools import cli_config, progress, provider, python_environment, terraform, terragrunt
from tools.errors import ToolError

_SECRETS = ("HONEYCOMB_API_KEY", "HONEYCOMB_CONFIGURATION_KEY", "TF_VAR_honeycomb_api_key")
"""What make hands to every command: nothing that is set up here needs it."""


def main() -> int:
    """Set up what was asked for and return the exit code: 0 ready, 2 something can't be had."""
    parser = argparse.ArgumentParser(prog="python3 -m tools", description=__doc__)
    parser.add_argument("--only-python", action="store_true", help="the Python environment alone")
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is there")
    arguments = parser.parse_args()
    for secret in _SECRETS:
        os.environ.pop(secret, None)
    try:
        ready = [("Python environment", python_environment.ensure())]
        if not arguments.only_python:
            ready.append(("Terraform", terraform.ensure()))
            ready.append(("Terragrunt", terragrunt.ensure()))
            mirror = provider.ensure()
            ready.append(("AWS provider", provider.binary_in(mirror) or mirror))
            ready.append(("Terraform's configuration", cli_config.write(mirror)))
            # lint and its tests see to these themselves: nothing else waits for them, or fails without them
            if not arguments.quiet:
                from tools import lint

                ready.extend(lint.ready())
    except ToolError as error:
        progress.say(f"tools: {error}")
        return 2
    except KeyboardInterrupt:
        progress.say("tools: interrupted; what is complete is kept, run it again")
        return 2
    if not arguments.quiet:
        for name, path in ready:
            progress.say(f"{name}: {path}")
        progress.say("tools: ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
