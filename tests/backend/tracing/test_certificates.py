"""Certificates towards the OTLP back end, against a server that asks for ours."""

import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from services.tracing.errors import ResourceError, TracingSettingsError
from services.tracing.honeycomb import HoneycombSink
from services.tracing.sending import retry_after
from services.tracing.sending.certificates import Certificates
from services.tracing.sending.otlp_target import Target, target_of
from services.tracing.settings import TracingSettings
from tests.backend.tracing.bad_servers import dripping, raw_server
from tests.backend.tracing.servers import WAIT_SECONDS
from tests.backend.tracing.spans import make_span

TAKEN = dripping(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", b"")


@dataclass(frozen=True)
class Files:
    """A certificate that signs itself, its key, another key, and the key behind a passphrase."""

    certificate: str
    key: str
    other_key: str
    encrypted_key: str
    both: str

    def server(self) -> ssl.SSLContext:
        """Return the TLS of a server for 127.0.0.1 that wants to see this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.load_verify_locations(self.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """PEM files."""
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    contents = {
        "certificate": certificate,
        "key": plain,
        "other_key": other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "encrypted_key": key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
        ),
        "both": plain + certificate,
    }
    for file, content in contents.items():
        (tmp_path / file).write_bytes(content)
    return Files(**{file: str(tmp_path / file) for file in contents})


def read(**variables: str) -> TracingSettings:
    """Read settings of a back end with TLS."""
    return TracingSettings.from_environment({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1", **variables})


def sent(certificates: Certificates, files: Files) -> dict[str, int]:
    """Send a span to a server that asks for a certificate; return what came of it."""
    with raw_server(TAKEN, files.server()) as (url, _):
        sink = HoneycombSink(Target(url.replace("http:", "https:"), certificates=certificates))
        sink.start()
        sink.send([make_span()])
        assert sink.flush(time.monotonic() + WAIT_SECONDS)
        sink.close(time.monotonic() + 1)
    status = sink.counters.status()
    return {"sent": status["sent"], **status["dropped"]}


@pytest.mark.parametrize("is_one_file", [False, True], ids=["two files", "one file"])
@pytest.mark.parametrize("traces", ["", "TRACES_"])
def test_a_back_end_with_an_authority_of_its_own(files: Files, *, is_one_file: bool, traces: str) -> None:
    """It is trusted by the variable's certificate, and shown ours, whose key may be in the same file."""
    variables = {f"OTEL_EXPORTER_OTLP_{traces}CERTIFICATE": files.certificate}
    if is_one_file:
        variables[f"OTEL_EXPORTER_OTLP_{traces}CLIENT_CERTIFICATE"] = files.both
    else:
        variables[f"OTEL_EXPORTER_OTLP_{traces}CLIENT_CERTIFICATE"] = files.certificate
        variables[f"OTEL_EXPORTER_OTLP_{traces}CLIENT_KEY"] = files.key
    target, _ = target_of(read(**variables), None)
    target.certificates.check()
    assert sent(target.certificates, files) == {"sent": 1}


def test_they_go_before_those_of_requests(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE is for everybody in the process, the variable for the back end."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    assert sent(Certificates(files.certificate, files.both), files) == {"sent": 1}


def test_a_file_that_goes_is_an_error_like_others(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again: whoever renews the file may just be writing it."""
    monkeypatch.setattr(retry_after, "FIRST_BACKOFF_SECONDS", 0.001)
    assert sent(Certificates("/nowhere.pem", files.both), files) == {"sent": 0, "unreachable": 1}


def test_a_key_of_another_certificate_is_told_at_the_start(files: Files) -> None:
    """As what can't be had: with the files, and why."""
    certificates = Certificates(None, files.certificate, files.other_key)
    with pytest.raises(ResourceError) as caught:
        certificates.check()
    (problem,) = caught.value.problems
    assert f"client certificate {files.certificate} with {files.other_key} can't be used" in problem
    assert "MISMATCH" in problem


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"CLIENT_KEY": "key"}, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is not"),
        ({"CLIENT_CERTIFICATE": "certificate"}, "holds no private key"),
        ({"CLIENT_CERTIFICATE": "certificate", "CLIENT_KEY": "encrypted_key"}, "encrypted key"),
        ({"CERTIFICATE": "key"}, "holds no certificate"),
    ],
)
def test_files_that_are_no_pair_are_refused(files: Files, variables: dict[str, str], expected: str) -> None:
    """Before anything is sent; OpenSSL would ask for a passphrase on the terminal."""
    named = {f"OTEL_EXPORTER_OTLP_{name}": getattr(files, file) for name, file in variables.items()}
    with pytest.raises(TracingSettingsError) as caught:
        read(**named)
    (problem,) = caught.value.problems
    assert expected in problem
