"""SigV4 signatures for requests to X-Ray, made by botocore."""

from collections.abc import Iterable

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SIGNING_NAME = "xray"

Header = tuple[str, str]


class Signer:
    """Signs requests for one region with one pair of keys."""

    def __init__(self, *, access_key: str, secret_key: str, region: str) -> None:
        self._auth = SigV4Auth(Credentials(access_key, secret_key), SIGNING_NAME, region)

    def sign(self, method: str, url: str, headers: Iterable[Header], body: bytes) -> list[Header]:
        """Return `headers`, which must name the host, with X-Amz-Date and Authorization added or replaced."""
        request = AWSRequest(method=method, url=url, data=body)
        for name, value in headers:
            request.headers.add_header(name, value)
        self._auth.add_auth(request)
        return list(request.headers.items())
