"""X-Ray's errors, with the codes and statuses of its API model.

XRayError
├── InvalidRequestError                400
├── RuleLimitExceededError             400
├── TooManyTagsError                   400
├── MalformedPolicyDocumentError       400
├── LockoutPreventionError             400
├── InvalidPolicyRevisionIdError       400
├── PolicySizeLimitExceededError       400
├── PolicyCountLimitExceededError      400
├── AccessDeniedError                  403
├── ResourceNotFoundError              404
├── ThrottledError                     429
└── UnknownOperationError              404
"""


class XRayError(Exception):
    """An error that the caller gets: `code` is the exception's name in the API, `status` is HTTP's."""

    code = "InvalidRequestException"
    status = 400

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.message = message
        self.members = members


class InvalidRequestError(XRayError):
    """The request is missing required parameters or has invalid parameters."""


class RuleLimitExceededError(XRayError):
    """There are as many sampling rules as an account may have."""

    code = "RuleLimitExceededException"


class TooManyTagsError(XRayError):
    """A resource would have more tags than it may."""

    code = "TooManyTagsException"


class MalformedPolicyDocumentError(XRayError):
    """A resource policy isn't one."""

    code = "MalformedPolicyDocumentException"


class LockoutPreventionError(XRayError):
    """A resource policy would keep its author from changing it again."""

    code = "LockoutPreventionException"


class InvalidPolicyRevisionIdError(XRayError):
    """The policy was changed since the revision that the caller knows."""

    code = "InvalidPolicyRevisionIdException"


class PolicySizeLimitExceededError(XRayError):
    """A resource policy is too long."""

    code = "PolicySizeLimitExceededException"


class PolicyCountLimitExceededError(XRayError):
    """There are as many resource policies as an account may have."""

    code = "PolicyCountLimitExceededException"


class AccessDeniedError(XRayError):
    """X-Ray itself isn't allowed to do what it was asked for."""

    code = "AccessDeniedException"
    status = 403


class ResourceNotFoundError(XRayError):
    """There is no resource of this name or ARN."""

    code = "ResourceNotFoundException"
    status = 404


class ThrottledError(XRayError):
    """Nothing can be taken or read now; the same request may be sent again later."""

    code = "ThrottledException"
    status = 429


class UnknownOperationError(XRayError):
    """The service has no operation at this method and path."""

    code = "UnknownOperationException"
    status = 404
