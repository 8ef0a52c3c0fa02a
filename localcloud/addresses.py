"""Tells where the local cloud listens."""

import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from localcloud.errors import AddressesError

log = logging.getLogger(__name__)


def url_host(host: str) -> str:
    """Return a host as it stands in a URL or before a port."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ports in use, all on one host."""

    host: str
    aws_port: int
    daemon_port: int
    honeycomb_port: int

    @property
    def aws_endpoint_url(self) -> str:
        """The AWS endpoint."""
        return f"http://{url_host(self.host)}:{self.aws_port}"

    def as_json(self) -> str:
        """Return the addresses and this process's id as one line of JSON."""
        host = url_host(self.host)
        return json.dumps(
            {
                "aws_endpoint_url": self.aws_endpoint_url,
                "daemon_address": f"{host}:{self.daemon_port}",
                "honeycomb_api_endpoint": f"http://{host}:{self.honeycomb_port}",
                "pid": os.getpid(),
            }
        )

    def write(self, path: Path) -> None:
        """Write the addresses to `path` at once: whoever reads it finds all or the former.

        Raises:
            AddressesError: the file can't be written.
        """
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
                file.write(self._content())
            Path(file.name).replace(path)
        except OSError as error:
            raise AddressesError(
                f"the addresses can't be written to {path}: {error.strerror}; choose another --addresses"
            ) from error

    def remove(self, path: Path) -> None:
        """Remove the file that was written to `path`, unless something else is there by now."""
        try:
            if path.read_bytes() == self._content():
                path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("the addresses can't be removed from %s: %s", path, error.strerror)

    def _content(self) -> bytes:
        return f"{self.as_json()}\n".encode()
