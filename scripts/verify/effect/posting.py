"""One bounded HTTP request to an address that the operator's environment names, without a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import bounded

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDS = bounded.Bounds(max_bytes=1024 * 1024, max_seconds=10.0, timeouts=(2, 3))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> bounded.Answer:
    """Return the answer to a POST. Raises what `bounded.ask` does.

    No redirect is followed, no proxy and no .netrc of the machine's is used.
    """
    return bounded.ask("POST", url, BOUNDS, headers=headers, body=body, trust_env=False)
