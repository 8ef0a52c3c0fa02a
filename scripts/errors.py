"""What can go wrong in a command, and the one place that puts it into words.

OperatorError
    The command could not do its work: exit code 2. Its text is one line: reason and remedy.
InterruptedRunError
    An operator interrupted a run of Terraform: whatever was tried is not to be tried again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tools.errors import ToolError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_LOCAL_REMEDY = "run `make local-up`"
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_INVALID = {
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}
# X-Ray's alone
_INVALID_REQUEST = {"InvalidRequestException", "UnknownOperationException"}
_NO_CREDENTIALS = {
    "CredentialRetrievalError",
    "InvalidConfigError",
    "LoginRefreshRequired",
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_UNREACHABLE = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "HTTPClientError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "SSLError",
}


class OperatorError(Exception):
    """The command could not do its work; ``remedy`` says what to do."""

    exit_code = 2

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message}: {remedy}")
        self.message = message
        self.remedy = remedy


class InterruptedRunError(OperatorError):
    """A run was interrupted; its text says what is left of it."""


def explain(error: Exception, *, local: bool = False) -> OperatorError:
    """Return *error* as reason and remedy; *local* says that the local cloud was asked."""
    if isinstance(error, OperatorError):
        return error
    if isinstance(error, ToolError):
        return OperatorError(error.message, remedy=error.remedy)
    # Not at the top: botocore takes a third of a second to load, and most messages don't need it.
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        return _explain_answer(error, local=local)
    if isinstance(error, BotoCoreError):
        return _explain_call(error, local=local)
    if isinstance(error, ResponseParserError):
        return OperatorError(
            f"what answers at {_endpoint()} is not AWS",
            remedy=_LOCAL_REMEDY if local else "check AWS_ENDPOINT_URL, the proxy and the network",
        )
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return OperatorError(
            f"{place}{error.strerror or error}", remedy="look at the file and its permissions"
        )
    return OperatorError(
        f"unexpected {type(error).__name__} in {_place(error)}: {' '.join(str(error).split())}",
        remedy="this is a defect, please report it with this line",
    )


def _explain_answer(error: ClientError, *, local: bool) -> OperatorError:
    """Explain what a service answered. Source of the codes: each service's common errors."""
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    text = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    call = error.operation_name
    if code in _EXPIRED:
        return OperatorError(
            f"AWS credentials have expired ({call}: {code})",
            remedy="sign in again, or export fresh AWS credentials",
        )
    if code in _INVALID:
        return OperatorError(
            f"AWS does not know these credentials ({call}: {code})",
            remedy=_LOCAL_REMEDY if local else "check AWS_ACCESS_KEY_ID, AWS_PROFILE and the session token",
        )
    if code in _DENIED:
        return OperatorError(
            f"AWS denies {call} ({code}{_in_brackets(text)})",
            remedy="have this action allowed for these credentials, or use others",
        )
    remedy = "look at that call"
    if code in _INVALID_REQUEST:
        remedy = "correct the request as X-Ray's words say"
    return OperatorError(f"AWS answers {call} with {code}{_in_brackets(text)}", remedy=remedy)


def _explain_call(error: BotoCoreError, *, local: bool) -> OperatorError:
    names = {base.__name__ for base in type(error).__mro__}
    text = " ".join(str(error).split())
    if names & _NO_CREDENTIALS:
        remedy = "export AWS credentials or AWS_PROFILE, or sign in with `aws sso login`"
        return OperatorError(
            f"no AWS credentials ({text.rstrip('.')})", remedy=_LOCAL_REMEDY if local else remedy
        )
    if names & {"NoRegionError", "InvalidRegionError"}:
        return OperatorError(f"no usable AWS region ({text.rstrip('.')})", remedy="set it in env.hcl")
    if names & _UNREACHABLE:
        endpoint = error.kwargs.get("endpoint_url") or _endpoint()
        kind = type(error).__name__
        return OperatorError(
            f"{endpoint} can't be reached ({kind})",
            remedy=_LOCAL_REMEDY
            if local
            else "check the network, the region in env.hcl and AWS_ENDPOINT_URL",
        )
    return OperatorError(f"AWS call failed ({type(error).__name__}: {text})", remedy="look at that call")


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL") or "the AWS endpoint"


def _in_brackets(text: str) -> str:
    return f": {text}" if text else ""


def _place(error: Exception) -> str:
    """Return the innermost file and line of *error*, which is what a report of a defect needs."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
