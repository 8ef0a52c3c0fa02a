"""Certificates towards the OTLP back end: whom we trust, and who we are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from services.tracing.errors import ResourceError
from services.tracing.settings_reader import SettingsReader

PEM_MAX_BYTES = 4 * 1024 * 1024
_CERTIFICATE, _KEY = "CERTIFICATE-----", "PRIVATE KEY-----"
_ENCRYPTED = ("BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of PEM files, None where there is none.

    Attributes:
        authority: what the back end's certificate is checked with, in the place of the usual authorities.
        client: our own certificate, for a back end that asks for one.
        client_key: its private key, where that is a file of its own.
    """

    authority: str | None = None
    client: str | None = None
    client_key: str | None = None

    @classmethod
    def read(cls, read: SettingsReader) -> Self:
        """Read the variables; what is wrong with them is among the reader's problems.

        OpenTelemetry protocol exporter, configuration options: those of traces go before the general ones.
        """
        client_names = (
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        )
        key_names = ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY")
        has_key = read.first(*key_names) is not None
        if has_key and read.first(*client_names) is None:
            read.problems.append(
                "OTEL_EXPORTER_OTLP_CLIENT_KEY is set but OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is not;"
                " set both, or leave the key out"
            )
        return cls(
            read.parsed_first(
                ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
                _pem_with(_CERTIFICATE),
                None,
            ),
            read.parsed_first(
                client_names, _pem_with(_CERTIFICATE) if has_key else _pem_with(_CERTIFICATE, _KEY), None
            ),
            read.parsed_first(key_names, _pem_with(_KEY), None),
        )

    def check(self) -> None:
        """Load them as each connection will.

        Raises:
            ResourceError: OpenSSL can't read one, or the key isn't the certificate's.
        """
        if self == Certificates():
            return
        # Where gevent patches ssl it has done so by now, and not before the settings were read.
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        problems = []
        if self.authority is not None:
            try:
                context.load_verify_locations(self.authority)
            except OSError as error:
                problems.append(_unusable(f"certificate {self.authority}", error))
        if self.client is not None:
            try:
                context.load_cert_chain(self.client, self.client_key)
            except OSError as error:
                files = " with ".join(file for file in (self.client, self.client_key) if file)
                problems.append(_unusable(f"client certificate {files}", error))
        if problems:
            raise ResourceError(problems)


def _pem_with(*markers: str) -> Callable[[str], str]:
    """Return a parser of the path of a PEM file that holds all of these."""

    def parse(path: str) -> str:
        try:
            with Path(path).open("rb") as file:
                content = file.read(PEM_MAX_BYTES).decode("ascii", "replace")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise ValueError(f"{path!r} can't be read ({reason}); expected a PEM file") from None
        for marker in markers:
            if marker not in content:
                raise ValueError(
                    f"{path!r} holds no {marker.rstrip('-').lower()}; expected a PEM file with it"
                )
        if any(mark in content for mark in _ENCRYPTED):
            raise ValueError(f"{path!r} holds an encrypted key; expected one without a passphrase")
        return path

    return parse


def _unusable(thing: str, error: OSError) -> str:
    reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
    return f"{thing} can't be used ({reason}): correct the file, or OTEL_EXPORTER_OTLP_*CERTIFICATE and *KEY"
