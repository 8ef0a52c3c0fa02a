"""The headers of a probe: a request that is sampled whatever the rules say, which only the operator can make.

`make verify PROBE=1` makes it (scripts/verify/probe/header.py, held against this by a test). It carries

    X-Tracing-Probe: v1;<epoch seconds>;<nonce, 16 hex digits>;<signature, 64 hex digits>

and names its trace in X-Amzn-Trace-Id. The signature is HMAC-SHA256 over method, trace id, seconds, nonce and
path. Its key is derived from Honeycomb's API key by HKDF-SHA256 (RFC 5869): who can't decrypt that parameter
can make none, and whoever sees one learns neither the API key nor the probe of another request.
The answer carries X-Tracing-Probe too: `forced` or `refused` and why. By which worker and version of the key
it tells only whoever could sign.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

HEADER_NAME = "X-Tracing-Probe"
VERSION = "v1"
VALID_SECONDS = 60
"""How far its time may be from our clock, either way."""

SYNTHETIC_TYPE = "user_agent.synthetic.type"
SYNTHETIC_TEST = "test"
"""What marks a probe's server span: OpenTelemetry's attribute and value for the traffic of tests."""

_LABEL = b"tracing-probe v1"
_FORM = re.compile(r"v1;([0-9]{1,12});([0-9a-f]{16});([0-9a-f]{64})")
_MAX_CHARACTERS = 128


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


@dataclass(frozen=True, slots=True)
class ProbeHeader:
    """What a request's header says."""

    seconds: int
    nonce: str
    signature: str


def derive_key(api_key: str) -> bytes:
    """Return the signing key that belongs to Honeycomb's key: 32 bytes of HKDF-SHA256, without a salt."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), api_key.encode(), "sha256")
    return hmac.digest(extracted, _LABEL + b"\x01", "sha256")


def parse_probe_header(text: str) -> ProbeHeader | None:
    """Read a request's header; None for any other form."""
    found = _FORM.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    return None if found is None else ProbeHeader(int(found[1]), found[2], found[3])


def is_signed(key: bytes, header: ProbeHeader, *, method: str, path: str, trace_id: int) -> bool:
    """Tell whether the signature is the key's, in the same time whatever it is."""
    # The path, which may hold anything, comes last.
    message = f"{VERSION}\n{method}\n{trace_id:032x}\n{header.seconds}\n{header.nonce}\n{path}"
    wanted = hmac.digest(key, message.encode("utf-8", "surrogatepass"), "sha256").hex()
    return hmac.compare_digest(wanted, header.signature)


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers a probe: the worker, by id and pid, and SSM's version of the key that it holds."""

    worker: str
    pid: int
    key_version: int | None


def format_probe_answer(refusal: Refusal | None, by: Answerer | None) -> str:
    """Write the answer's header: `forced;worker=0a1b2c3d;pid=12;key-version=3`, `refused;reason=signature`.

    `by` is None towards who could not sign: a stranger is told no more than that he is refused.
    """
    parts = ["forced"] if refusal is None else ["refused", f"reason={refusal}"]
    if by is not None:
        parts += [f"worker={by.worker}", f"pid={by.pid}"]
        if by.key_version is not None:
            parts.append(f"key-version={by.key_version}")
    return ";".join(parts)
