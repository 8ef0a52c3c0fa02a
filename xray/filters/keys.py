"""The keywords of the filter language, their kinds, and the operators that each kind takes.

Source: devguide/xray-console-filters.html.
"""

from enum import Enum, StrEnum


class Kind(Enum):
    """What a keyword's value is, and so what it can be compared with."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"


class Operator(StrEnum):
    """A comparison, as it is written."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    CONTAINS = "CONTAINS"
    BEGINS_WITH = "BEGINSWITH"
    ENDS_WITH = "ENDSWITH"


class Key(StrEnum):
    """A keyword, as it is written."""

    OK = "ok"
    ERROR = "error"
    THROTTLE = "throttle"
    FAULT = "fault"
    PARTIAL = "partial"
    INFERRED = "inferred"
    FIRST = "first"
    LAST = "last"
    REMOTE = "remote"
    ROOT = "root"
    RESPONSE_TIME = "responsetime"
    DURATION = "duration"
    HTTP_STATUS = "http.status"
    INDEX = "index"
    COVERAGE = "coverage"
    HTTP_URL = "http.url"
    HTTP_METHOD = "http.method"
    HTTP_USER_AGENT = "http.useragent"
    HTTP_CLIENT_IP = "http.clientip"
    USER = "user"
    NAME = "name"
    TYPE = "type"
    ACCOUNT_ID = "account.id"
    MESSAGE = "message"
    AVAILABILITY_ZONE = "availabilityzone"
    INSTANCE_ID = "instance.id"
    RESOURCE_ARN = "resource.arn"


_BOOLEANS = (
    *(Key.OK, Key.ERROR, Key.THROTTLE, Key.FAULT, Key.PARTIAL),
    *(Key.INFERRED, Key.FIRST, Key.LAST, Key.REMOTE, Key.ROOT),
)
_NUMBERS = (Key.RESPONSE_TIME, Key.DURATION, Key.HTTP_STATUS, Key.INDEX, Key.COVERAGE)

KINDS: dict[Key, Kind] = {
    key: Kind.BOOLEAN if key in _BOOLEANS else Kind.NUMBER if key in _NUMBERS else Kind.TEXT for key in Key
}

IDENTITY_KEYS = (Key.NAME, Key.TYPE, Key.ACCOUNT_ID)
"""What `id(...)` takes."""


class CauseKind(StrEnum):
    """Whose root causes a `rootcause` keyword looks at."""

    FAULT = "fault"
    ERROR = "error"
    RESPONSE_TIME = "responsetime"


class CausePart(StrEnum):
    """Which elements of a root cause a `rootcause` keyword looks at."""

    SERVICE = "service"
    ENTITY = "entity"
    EXCEPTION = "exception"


class GroupKey(StrEnum):
    """How a group is named."""

    NAME = "group.name"
    ARN = "group.arn"
