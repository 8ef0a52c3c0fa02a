"""`key=value,key=value` lists, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS hold them."""

from urllib.parse import unquote


def parse_key_values(text: str) -> dict[str, str]:
    """Read a list of percent-encoded pairs (OpenTelemetry: "Specifying headers via environment variables").

    Raises:
        ValueError: an entry is no pair. The message counts entries and repeats none: one may be a secret.
    """
    pairs = {}
    for number, entry in enumerate(text.split(","), start=1):
        if not entry.strip():
            continue
        key, separator, value = entry.partition("=")
        key, value = unquote(key).strip(), unquote(value).strip()
        if not separator or not key:
            raise ValueError(f"entry {number} is no key=value pair")
        if not (key + value).isprintable():
            raise ValueError(f"entry {number} holds characters that can't be printed")
        pairs[key] = value
    return pairs
