"""Failed AWS calls as one line: what failed, and the remedy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.tracing.settings import TracingSettings

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_UNKNOWN_KEYS = {
    *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException"),
    *("SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken"),
}
_THROTTLED = {"ThrottlingException", "ThrottledException", "Throttling", "TooManyRequestsException"}
_NO_CODES = {"", "?", "None", "Unknown"}
_CREDENTIALS_REMEDY = "give the backend's role or AWS_* credentials that are valid for this endpoint"
_DENIED_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")
_LINE_MAX_CHARACTERS = 400
_CREDENTIALS_ERRORS = (
    *("ProfileNotFound", "ConfigParseError", "InvalidConfigError", "UnknownCredentialError"),
    *("CredentialRetrievalError", "MetadataRetrievalError", "RefreshWithMFAUnsupportedError", "SSOError"),
    *("TokenRetrievalError", "NoAuthTokenError", "UnknownTokenProviderError", "LoginError"),
)

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
"""What reading an answer raises that lacks what AWS's answers have."""


def describe(error: Exception, action: str, settings: TracingSettings, thing: str = "") -> str:
    """Return one line for a failed call of `action` (`ssm:GetParametersByPath`) on `thing`."""
    from botocore import exceptions as botocore_errors
    from botocore.parsers import ResponseParserError

    credentials_errors = tuple(getattr(botocore_errors, name) for name in _CREDENTIALS_ERRORS)
    if isinstance(error, botocore_errors.ClientError):
        return _one_line(_client_error(dict(error.response), action, settings, thing))
    if isinstance(error, botocore_errors.NoCredentialsError | botocore_errors.PartialCredentialsError):
        return _one_line(f"{action}: AWS credentials are missing: {_CREDENTIALS_REMEDY}")
    if isinstance(error, botocore_errors.NoRegionError):
        return "AWS: no region is set: set AWS_REGION"
    if isinstance(error, botocore_errors.HTTPClientError | botocore_errors.ConnectionError):
        return _one_line(
            f"{action}: {_endpoint(action, settings)} can't be reached ({type(error).__name__}):"
            " correct AWS_ENDPOINT_URL or AWS_REGION, or open the network's way there"
        )
    if isinstance(error, credentials_errors):
        return _one_line(f"{action}: {error}: correct AWS_PROFILE, or {_CREDENTIALS_REMEDY}")
    is_unreadable = isinstance(
        error, ResponseParserError | botocore_errors.PaginationError
    ) or not isinstance(error, botocore_errors.BotoCoreError)
    if is_unreadable and ":" in action:
        return _one_line(
            f"{action}: {_endpoint(action, settings)} answered what AWS doesn't ({type(error).__name__}):"
            " correct AWS_ENDPOINT_URL"
        )
    return _one_line(f"{action}: {type(error).__name__}: {error}")


@contextmanager
def noting(problems: list[str], action: str, settings: TracingSettings, thing: str = "") -> Iterator[None]:
    """Turn a failed AWS call into a line; an answer that lacks what AWS's have is a failure too."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError, *UNREADABLE) as error:
        problems.append(describe(error, action, settings, thing))


def text(value: Any) -> str:
    """Return a value that must be text: botocore passes on whatever the JSON holds.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value


def _endpoint(action: str, settings: TracingSettings) -> str:
    service = action.partition(":")[0]
    configured = settings.ssm_endpoint_url if service == "ssm" else settings.xray_endpoint_url
    return configured or f"AWS's endpoint for {service} in {settings.region}"


def _client_error(response: dict[str, Any], action: str, settings: TracingSettings, thing: str) -> str:
    error = response.get("Error", {})
    code, message = str(error.get("Code", "?")), str(error.get("Message", ""))
    if code in _EXPIRED:
        return f"{action}: the AWS session token has expired ({code}): renew it and restart"
    if code in _DENIED:
        found = _DENIED_ACTION.search(message)
        denied = found[1] if found else action
        return (
            f"{action}: access is denied: allow {denied} on {_resource(denied, settings, thing)} ({message})"
        )
    if code in _UNKNOWN_KEYS:
        return f"{action}: AWS does not accept the credentials ({code}): {_CREDENTIALS_REMEDY}"
    if code in _THROTTLED:
        return f"{action}: AWS is throttling ({code}): it is tried again"
    if action == "xray:GetGroup" and code == "InvalidRequestException":
        return f"X-Ray group {thing} does not exist: apply the configuration of this environment (make apply)"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code.isdigit() or code in _NO_CODES:
        # AWS names its errors: a bare status is a proxy's, or that of something else altogether.
        return f"{action}: {_endpoint(action, settings)} answered {status or code}: " + (
            "it is tried again; where it stays, correct AWS_ENDPOINT_URL"
            if status == 429 or status >= 500
            else "correct AWS_ENDPOINT_URL"
        )
    if status >= 500:
        return f"{action}: AWS fails ({code}: {message}): it is tried again"
    return f"{action}: {code}: {message}"


def _resource(action: str, settings: TracingSettings, thing: str) -> str:
    if action.startswith("ssm:"):
        return f"parameter{settings.parameter_path} and parameter{settings.parameter_path}/*"
    if action.startswith("kms:"):
        return "the key that encrypts the parameter honeycomb/api-key"
    return f"group/{thing}" if thing else "*"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LINE_MAX_CHARACTERS]
