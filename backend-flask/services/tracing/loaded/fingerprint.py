"""A short mark of the Honeycomb key, by which two holders of a key see whether it is the same one."""

import hashlib
import hmac

LABEL = b"honeycomb-key-fingerprint/1"
SHORTEST_KEY_CHARACTERS = 20
FINGERPRINT_CHARACTERS = 8


def key_fingerprint(key: str) -> str | None:
    """Return the first 8 hexadecimal digits of HMAC-SHA256(key, LABEL); None for a key below 20 characters.

    Why that may be shown: HMAC-SHA256 is a pseudorandom function of its key (RFC 2104, RFC 4868), so that all
    it tells of the key is these 32 bits. Honeycomb's keys have 22 random characters or more (130 bits, or 128
    as 32 hexadecimal digits): 96 bits are left to guess, and about 2^96 keys have the same mark. What is
    shorter is no key of Honeycomb's, might be guessed, and gets none. The label is public on purpose: a
    secret salt would have to be shared between the workers and `make verify`, as a second secret.
    """
    if len(key) < SHORTEST_KEY_CHARACTERS:
        return None
    return hmac.new(key.encode(), LABEL, hashlib.sha256).hexdigest()[:FINGERPRINT_CHARACTERS]
