"""Whether this container's backend answers: `python healthcheck.py` ends with 0, or with 1 and a line why.

The image's HEALTHCHECK and the ECS container's health check run it: the image has neither curl nor a shell's
worth of tools to ask with. It asks where gunicorn was told to listen, by the same variables.
"""

import http.client
import os
import sys

from errors import SettingsError
from server_settings import ServerSettings

PATH = "/health"
TIMEOUT_SECONDS = 3.0
"""Below the 5 seconds that Docker and ECS give the command, so that the reason is told."""
# Whoever listens on every address listens on loopback.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104


def problem(bind: str) -> str | None:
    """Return why the backend that listens on `bind` (`address:port`) is not healthy, or None where it is."""
    address, _, port = bind.rpartition(":")
    host = _LOOPBACK.get(address, address).strip("[]")
    connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", PATH, headers={"Connection": "close"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        # What isn't HTTP is told as it came, line ends too, which may be all of it.
        return f"{PATH} on {bind} does not answer ({str(error).strip() or type(error).__name__})"
    finally:
        connection.close()
    return None if status == http.HTTPStatus.OK else f"{PATH} on {bind} answers {status}"


def main() -> int:
    """Print what is wrong and return 1 where something is."""
    try:
        found = problem(ServerSettings.from_environment(os.environ).bind)
    except SettingsError as error:
        found = str(error)
    if found is not None:
        sys.stderr.write(f"healthcheck: {found}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
