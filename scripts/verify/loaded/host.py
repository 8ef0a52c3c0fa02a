"""The workers of one host, from the backend's /health/tracing: each worker that answers knows of all."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from scripts.verify.loaded.heard import Heard, HearingError
from scripts.verify.loaded.worker import member, optional, read

if TYPE_CHECKING:
    from scripts.verify.loaded.worker import Worker

PATH = "/health/tracing"
TIMEOUT_SECONDS = (2, 5)
ANSWER_MAX_SECONDS = 10.0
ANSWER_MAX_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_SHOWN_CHARACTERS = 80


def origin(text: str) -> str:
    """Return *text* as the address of a backend, without a last slash.

    Raises ValueError where it is no `http://host:port` or `https://host`.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_whole = parts.scheme in {"http", "https"} and parts.hostname and port != 0
    if not is_whole or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("expected the address of a backend, such as http://127.0.0.1:4567")
    return f"{parts.scheme}://{parts.netloc}"


def hear(address: str) -> Heard:
    """Return what the workers behind *address* loaded. Raises HearingError where that can't be had."""
    url = f"{address}{PATH}"
    document = _document(url)
    loaded = document.get("loaded")
    if not isinstance(document.get("worker"), dict) or "parameters" not in document:
        raise HearingError(
            f"{url} answers JSON of another kind", remedy="is this the backend? correct BACKEND"
        )
    if not isinstance(loaded, dict):
        raise HearingError(
            f"the backend at {url} doesn't tell what its workers loaded",
            remedy="deploy this version of the backend",
        )
    try:
        return _heard(address, loaded)
    except ValueError as error:
        raise HearingError(
            f"what {url} tells of its workers can't be read ({error})",
            remedy="run the verification of the backend's own version",
        ) from error


def _heard(address: str, loaded: dict[str, Any]) -> Heard:
    workers: list[Worker] = []
    silent: list[str] = []
    for entry in member(loaded, "workers", list):
        if not isinstance(entry, dict):
            raise ValueError("workers is no list of objects")  # noqa: TRY004 - the document is wrong
        if entry.get("loaded") is None:
            silent.append(str(member(entry, "pid", int)))
            continue
        worker = read(entry["loaded"], with_host=False)
        if not worker.has_ended:
            workers.append(worker)
    # Null where the server's workers share nothing: only the one that answered is known then.
    return Heard(address, workers, silent, optional(loaded, "wanted", int))


def _document(url: str) -> dict[str, Any]:
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
            if answer.is_redirect:
                raise HearingError(
                    f"{url} redirects to {answer.headers['Location'][:_SHOWN_CHARACTERS]!r}",
                    remedy="give BACKEND the backend's own address",
                )
            if answer.status_code != requests.codes.ok:
                raise HearingError(
                    f"{url} answers HTTP {answer.status_code}",
                    remedy="is this the backend? correct BACKEND, or look at its log",
                )
            body = _body(url, answer)
    except requests.RequestException as error:
        raise HearingError(
            f"{url} can't be reached ({type(error).__name__})",
            remedy="start the backend, or correct BACKEND; see whether a proxy is in between",
        ) from error
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise HearingError(f"{url} answers no JSON object", remedy="is this the backend? correct BACKEND")
    return document


def _body(url: str, answer: requests.Response) -> bytes:
    """Return the body, bounded: who drips or floods must not hold the command."""
    until = time.monotonic() + ANSWER_MAX_SECONDS
    body = b""
    for chunk in answer.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > ANSWER_MAX_BYTES:
            raise HearingError(
                f"{url} answers more than {ANSWER_MAX_BYTES} bytes",
                remedy="is this the backend? correct BACKEND",
            )
        if time.monotonic() > until:
            raise HearingError(
                f"{url} has not answered whole within {ANSWER_MAX_SECONDS:g} s",
                remedy="look at the backend's load, and at what is between",
            )
    return body
