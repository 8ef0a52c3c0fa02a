"""A probe's headers: the operator's side and the backend's agree, on the key that RFC 5869 derives."""

import string

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from scripts.verify.probe import header as operators
from services.tracing import probe_header as ours
from services.tracing.probe_header import ProbeHeader, Refusal, derive_key, is_signed, parse_probe_header

KEY = "hcaik_" + "k" * 58
TRACE_ID = 0x5F84C7A1E7D1852DB8C4FD35D88BF49A
VECTOR = "v1;1795000000;00112233aabbccdd;b1d5c55fae777fc0a571954f2887ac50fc69d4392a5850c8d22b7f8197793c4e"
"""Of GET /health in that trace: `openssl kdf ... HKDF`, then `openssl dgst -mac HMAC`, of OpenSSL 3.0.19."""

keys = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=64)
methods = st.sampled_from(["GET", "POST", "_OTHER"])
seconds = st.integers(0, 10**12 - 1)
nonces = st.text("0123456789abcdef", min_size=16, max_size=16)
trace_ids = st.integers(1, 2**128 - 1)
requests = st.fixed_dictionaries(
    {
        "method": methods,
        "path": st.text(max_size=40),
        "trace_id": trace_ids,
        "seconds": seconds,
        "nonce": nonces,
    }
)


@given(keys)
def test_the_signing_key_is_hkdf(key: str) -> None:
    """Both sides derive what HKDF-SHA256 without a salt derives; it is not the key itself."""
    wanted = HKDF(SHA256(), 32, None, b"tracing-probe v1").derive(key.encode())
    assert ours.derive_key(key) == operators.derive_key(key) == wanted


def test_both_sides_have_the_same_words() -> None:
    """What one writes the other knows."""
    assert {one.name: one.value for one in ours.Refusal} == {one.name: one.value for one in operators.Refusal}
    for name in ("HEADER_NAME", "VERSION", "VALID_SECONDS"):
        assert getattr(ours, name) == getattr(operators, name)


@given(keys, requests)
def test_what_is_signed_there_is_signed_here(key: str, request: dict) -> None:  # type: ignore[type-arg]
    """Any request, any path; the header fits its form."""
    read = parse_probe_header(operators.signed(key, **request))
    assert read is not None
    assert (read.seconds, read.nonce) == (request["seconds"], request["nonce"])
    named = {name: request[name] for name in ("method", "path", "trace_id")}
    assert is_signed(derive_key(key), read, **named)


@given(keys, requests, requests, keys)
def test_a_signature_is_for_one_request_and_one_key(
    key: str,
    request: dict,  # type: ignore[type-arg]
    another: dict,  # type: ignore[type-arg]
    other_key: str,
) -> None:
    """Change any one thing that is signed, or the key, and it is the signature's no more."""
    read = parse_probe_header(operators.signed(key, **request))
    assert read is not None
    for name in request:
        changed = {**request, name: another[name]}
        header = ProbeHeader(changed["seconds"], changed["nonce"], read.signature)
        named = {part: changed[part] for part in ("method", "path", "trace_id")}
        assert is_signed(derive_key(key), header, **named) is (changed == request)
    named = {part: request[part] for part in ("method", "path", "trace_id")}
    assert is_signed(derive_key(other_key), read, **named) is (other_key == key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        "v2;1;00112233aabbccdd;" + "0" * 64,
        "v1;-1;00112233aabbccdd;" + "0" * 64,
        "v1;1234567890123;00112233aabbccdd;" + "0" * 64,
        "v1;1;00112233AABBCCDD;" + "0" * 64,
        "v1;1;00112233aabbccd;" + "0" * 64,
        "v1;1;00112233aabbccdd;" + "0" * 63,
        "v1;1;00112233aabbccdd;" + "0" * 64 + "\n",
        "v1;1;00112233aabbccdd;" + "0" * 64 + ",v1;1;00112233aabbccdd;" + "0" * 64,
        "v1;\u0661;00112233aabbccdd;" + "0" * 64,
        "v1;1;00112233aabbccdd;" + "0" * 100_000,
    ],
)
def test_any_other_form_is_no_header(text: str) -> None:
    """Of another version, too long, twice, with other digits."""
    assert parse_probe_header(text) is None


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    """Neither side raises, whatever arrives."""
    parse_probe_header(text)
    operators.read_answer(text)


@given(
    st.one_of(st.none(), st.sampled_from(list(Refusal))),
    st.text("0123456789abcdef", min_size=8, max_size=8),
    st.integers(1, 2**31),
    st.one_of(st.none(), st.integers(1, 10**6)),
)
def test_the_answer_is_read_as_it_was_written(
    refusal: Refusal | None, worker: str, pid: int, version: int | None
) -> None:
    """Forced or refused, by whom, with which version of the key; or the mere refusal."""
    told = operators.read_answer(ours.format_probe_answer(refusal, ours.Answerer(worker, pid, version)))
    assert told == operators.Answer(refusal, worker, pid, version)
    assert operators.read_answer(ours.format_probe_answer(refusal, None)) == operators.Answer(refusal)


@pytest.mark.parametrize("text", [None, "", "yes", "refused", "forced;reason=clock", "forced" * 100])
def test_other_answers_say_nothing(text: str | None) -> None:
    """As of a backend that knows no probes, or of a proxy."""
    assert operators.read_answer(text) is None


def test_the_form_does_not_change() -> None:
    """A header as it was once made: an operator and a backend of different versions understand each other."""
    read = parse_probe_header(VECTOR)
    assert read is not None
    made = operators.signed(
        KEY, method="GET", path="/health", trace_id=TRACE_ID, seconds=1795000000, nonce="00112233aabbccdd"
    )
    assert made == VECTOR
    assert is_signed(derive_key(KEY), read, method="GET", path="/health", trace_id=TRACE_ID)
