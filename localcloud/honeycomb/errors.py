"""Errors of the local Honeycomb; each is one answer to a request.

HoneycombError
├── UnsupportedMediaTypeError   415: content type, or an encoding that isn't built in
├── UnauthorisedError           401: no key, an unknown one, or a Classic key without a dataset
├── UnreadableBodyError         400: the body is no OTLP trace request
├── FaultedError                whatever a fault switched on for tests says
└── ControlError                400 or 404: a control request (ours, not Honeycomb's) that makes no sense
"""

from http import HTTPStatus


class HoneycombError(Exception):
    """Base of this package's errors; `status` is the answer's HTTP status, the message its text."""

    status: int = HTTPStatus.BAD_REQUEST


class UnsupportedMediaTypeError(HoneycombError):
    """The body's type or encoding is none that is read here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class UnauthorisedError(HoneycombError):
    """The request carries no key that is accepted."""

    status = HTTPStatus.UNAUTHORIZED


class UnreadableBodyError(HoneycombError):
    """The body can't be read as an ExportTraceServiceRequest.

    Its text starts as Honeycomb's does (reference: honeycombio/husky, otlp/errors.go).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to parse OTLP request body: {reason}")


class FaultedError(HoneycombError):
    """A fault that a test switched on."""

    def __init__(self, status: int, message: str, retry_after: int | None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ControlError(HoneycombError):
    """A request to /_localcloud/ that can't be done."""

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status
