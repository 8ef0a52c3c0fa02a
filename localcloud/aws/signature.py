"""Who signed a request, and for which service: the credential scope of Signature Version 4.

Source: "Elements of an AWS API request signature" in the IAM user guide. Signatures themselves are not
checked: the local cloud listens on loopback only.
"""

import re
from dataclasses import dataclass

from localcloud.aws.asgi import Request

_HEADER = re.compile(r"AWS4-[A-Z0-9-]+\s+(?:.*?,\s*)?Credential=([^,\s]*)")


class MalformedSignatureError(Exception):
    """There is an Authorization header of AWS's, but its credential scope can't be read."""


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """The parts of `<key>/<date>/<region>/<service>/aws4_request`, and the session token beside it."""

    access_key: str
    region: str
    service: str
    session_token: str | None


def credential_scope(request: Request) -> CredentialScope | None:
    """Return the request's credential scope, from its header or its presigned query; None when unsigned.

    Raises:
        MalformedSignatureError: the scope isn't of the five parts that it has to be.
    """
    token = request.headers.get("x-amz-security-token")
    authorization = request.headers.get("authorization", "")
    if authorization.startswith("AWS4-"):
        match = _HEADER.match(authorization)
        if match is None:
            raise MalformedSignatureError("Authorization header requires 'Credential' parameter.")
        return _scope(match[1], token)
    presigned = request.query.get("X-Amz-Credential")
    if presigned:
        return _scope(presigned[0], token or request.query.get("X-Amz-Security-Token", [None])[0])
    return None


def _scope(credential: str, session_token: str | None) -> CredentialScope:
    # A key may hold slashes, the other parts may not; SigV4A (AWS4-ECDSA) leaves the region out.
    parts = credential.rsplit("/", 4)
    if len(parts) == 4:
        parts.insert(2, "us-east-1")
    if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
        raise MalformedSignatureError(
            f"Credential must have exactly 5 slash-delimited elements, e.g."
            f" keyid/date/region/service/term, got '{credential[:200]}'"
        )
    return CredentialScope(parts[0], parts[2], parts[3].lower(), session_token)
