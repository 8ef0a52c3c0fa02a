"""Which headers may hold a secret, told by their names."""

import re

from services.tracing.privacy.verdict import Verdict

_IN_ATTRIBUTE = re.compile(
    r"(?:.*\.)?(?:https?|rpc(?:\.\w+)?)\.(?:request|response)\.(?:headers?|metadata)\.(.+)", re.DOTALL
)
"""As the semantic conventions name captured headers, of HTTP and of gRPC."""

_SECRET = re.compile(
    r"authorization|cookie|token|secret|passw(?:or)?d|session|credential|jwt|oidc-data|assertion"
    r"|(?:api|auth|access|account|function|private|shared|subscription).*key"
    r"|^(?:x-)?auth$|^x-honeycomb-team$|^x-tracing-probe$"
)
_URLS = frozenset({"referer", "referrer", "location", "content-location", "destination"})
_ENDS_OF_URLS = ("url", "uri", "path")
_TEXTS_WITH_URLS = frozenset({"link", "refresh"})


def header_of(attribute: str) -> str | None:
    """Return the header that an attribute (lower case) was captured from, None where it is no header's."""
    found = _IN_ATTRIBUTE.fullmatch(attribute)
    return found[1] if found else None


def verdict_on_header(header: str) -> Verdict:
    """Return the verdict on a header (lower case), written with hyphens or underscores."""
    header = header.replace("_", "-")
    if _SECRET.search(header):
        return Verdict.HIDE
    if header in _TEXTS_WITH_URLS:
        return Verdict.TEXT
    if header in _URLS or header.endswith(_ENDS_OF_URLS):
        return Verdict.URL
    return Verdict.CLEAN
