"""The headers of a probe, on the operator's side: one is signed, and the backend's answer to it is read.

The form, and why it is safe: backend-flask/services/tracing/probe_header.py, which a test holds against this.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

HEADER_NAME = "X-Tracing-Probe"
VERSION = "v1"
VALID_SECONDS = 60
NONCE_BYTES = 8

_LABEL = b"tracing-probe v1"
_ANSWER_MAX_CHARACTERS = 256

WORKER_FORM = re.compile(r"[0-9a-f]{8}")
"""The id that a worker has made for itself: containers of one image have equal pids."""


class Refusal(StrEnum):
    """Why a probe was not forced, in the answer's word."""

    MALFORMED = "malformed"
    NO_TRACE = "no-trace"
    NO_KEY = "no-key"
    CLOCK = "clock"
    SIGNATURE = "signature"
    OTHER_TRACE = "other-trace"
    REPLAYED = "replayed"
    TOO_MANY = "too-many"
    DECIDED = "decided"
    NOT_RECORDED = "not-recorded"


@dataclass(frozen=True)
class Answer:
    """What the backend made of a probe: forced where there is no refusal; None is what it doesn't tell.

    ``refusal`` may be a word that a newer backend has. ``key_version`` is SSM's version of the key that the
    worker holds; it and who answers, the worker's id and pid, are told to who could sign alone.
    """

    refusal: str | None
    worker: str | None = None
    pid: int | None = None
    key_version: int | None = None


def derive_key(api_key: str) -> bytes:
    """Return the signing key that belongs to Honeycomb's key: 32 bytes of HKDF-SHA256, without a salt."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), api_key.encode(), "sha256")
    return hmac.digest(extracted, _LABEL + b"\x01", "sha256")


def signed(api_key: str, *, method: str, path: str, trace_id: int, seconds: int, nonce: str) -> str:
    """Return the header of a request at *seconds* (epoch); *nonce* is 16 hex digits, used once."""
    message = f"{VERSION}\n{method}\n{trace_id:032x}\n{seconds}\n{nonce}\n{path}"
    signature = hmac.digest(derive_key(api_key), message.encode("utf-8", "surrogatepass"), "sha256").hex()
    return f"{VERSION};{seconds};{nonce};{signature}"


def read_answer(text: str | None) -> Answer | None:
    """Read the answer's header; None where it is none of these, as of a backend that knows no probes."""
    if text is None or len(text) > _ANSWER_MAX_CHARACTERS:
        return None
    word, *rest = (part.strip() for part in text.split(";"))
    fields = dict(part.split("=", 1) for part in rest if "=" in part)
    reason = fields.get("reason")
    if word not in {"forced", "refused"} or (word == "refused") != bool(reason):
        return None
    worker = fields.get("worker", "")
    known = worker if WORKER_FORM.fullmatch(worker) else None
    return Answer(reason, known, _number(fields.get("pid")), _number(fields.get("key-version")))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None
