"""Errors of the local Honeycomb; each is one answer to a request.

HoneycombError
├── UnsupportedMediaTypeError   415: content type, or an encoding that isn't read here
├── UnauthorisedError           401: no key, an unknown one, or a Classic key without a dataset
├── ForbiddenError              403: the key lacks a permission
├── UnknownDatasetError         404: the dataset isn't there, and the key may not create it
├── UnreadableBodyError         400: the body is no OTLP trace request
├── StorageError                503: events can't be stored or read, as where the disk is full
├── FaultedError                whatever a fault switched on for tests says
├── ApiError                    an error of /1 and /2 (api/problems.py makes them)
└── ControlError                400 or 404: a control request (ours, not Honeycomb's) that makes no sense

CompressionError                a body that can't be unpacked; each reader of bodies has its own words for it
├── TooLargeError               longer than the limit
└── UnknownEncodingError        neither gzip nor zstd
ConnectionDroppedError          no answer at all: a fault that a test switched on
"""

from http import HTTPStatus

from localcloud.honeycomb.asgi import Response


class HoneycombError(Exception):
    """Base of this package's errors; `status` is the answer's HTTP status, the message its text."""

    status: int = HTTPStatus.BAD_REQUEST


class UnsupportedMediaTypeError(HoneycombError):
    """The body's type or encoding is none that is read here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class UnauthorisedError(HoneycombError):
    """The request carries no key that is accepted."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(HoneycombError):
    """The key is known, but may not do this."""

    status = HTTPStatus.FORBIDDEN


class UnknownDatasetError(HoneycombError):
    """The dataset isn't there, and the key may not create it."""

    status = HTTPStatus.NOT_FOUND


class UnreadableBodyError(HoneycombError):
    """The body can't be read as an ExportTraceServiceRequest.

    Its text starts as Honeycomb's does (reference: honeycombio/husky, otlp/errors.go).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to parse OTLP request body: {reason}")


class StorageError(HoneycombError):
    """The database can't be written or read; the message says why, in one line."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(f"events can't be stored or read: {reason}")


class FaultedError(HoneycombError):
    """A fault that a test switched on."""

    def __init__(self, status: int, message: str, retry_after: int | None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ApiError(HoneycombError):
    """An error of the events and management APIs, with its whole answer."""

    def __init__(self, response: Response, message: str) -> None:
        super().__init__(message)
        self.status = response.status
        self.response = response


class ControlError(HoneycombError):
    """A request to /_localcloud/ that can't be done."""

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


class CompressionError(Exception):
    """A compressed body can't be unpacked; the message says why."""


class TooLargeError(CompressionError):
    """A body is longer than its limit, as sent or unpacked."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"more than {limit_bytes} bytes")


class UnknownEncodingError(CompressionError):
    """The body's Content-Encoding is none that is read here."""


class ConnectionDroppedError(Exception):
    """The connection is to be closed without an answer."""
