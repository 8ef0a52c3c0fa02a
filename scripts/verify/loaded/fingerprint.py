"""The mark of a Honeycomb key that workers tell. Why it may be shown: the backend's own, which a test holds
against this one (backend-flask/services/tracing/loaded/fingerprint.py).
"""

from __future__ import annotations

import hashlib
import hmac

LABEL = b"honeycomb-key-fingerprint/1"
SHORTEST_KEY_CHARACTERS = 20
FINGERPRINT_CHARACTERS = 8


def key_fingerprint(key: str) -> str | None:
    """Return 8 hexadecimal digits of HMAC-SHA256(key, LABEL); None for what is too short for a key."""
    if len(key) < SHORTEST_KEY_CHARACTERS:
        return None
    return hmac.new(key.encode(), LABEL, hashlib.sha256).hexdigest()[:FINGERPRINT_CHARACTERS]
