"""Texts that repeat what was in a call: the messages of exceptions, command lines."""

from services.tracing.privacy.bare_urls import bare_urls
from services.tracing.privacy.named_secrets import without_named_secrets
from services.tracing.privacy.row_values import without_row_values


def redacted_text(text: str) -> str:
    """Return a text without rows' values, named secrets and URLs' queries and users. Takes linear time."""
    # A named password may hold what else would end a URL's.
    return bare_urls(without_named_secrets(without_row_values(text)))
