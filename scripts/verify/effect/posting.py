"""One bounded HTTP request to an address that the operator's environment names, without a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = (2, 3)
ANSWER_MAX_BYTES = 1024 * 1024


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Return status and body, cut at 1 MiB, of the answer to a POST. Raises requests.RequestException.

    No redirect is followed, no proxy and no .netrc of the machine's is used.
    """
    with requests.Session() as session:
        session.trust_env = False
        with session.post(
            url, data=body, headers=dict(headers), timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            return answer.status_code, next(answer.iter_content(ANSWER_MAX_BYTES), b"")
