"""A caller's baggage: taken where it is well-formed, and else ignored without a word.

OpenTelemetry's own reader logs what is wrong with it, header included: anybody could fill the log.
Source: W3C Baggage, header format and limits.
"""

import re

from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context

HEADER_MAX_CHARACTERS = 8192
MEMBER_MAX_CHARACTERS = 4096
MEMBERS_MAX = 180

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = r"[!#-+\--:<-\[\]-~]*"
_PROPERTY = rf";[ \t]*{_NAME}[ \t]*(?:=[ \t]*{_VALUE}[ \t]*)?"
_MEMBER = re.compile(rf"[ \t]*{_NAME}[ \t]*=[ \t]*{_VALUE}[ \t]*(?:{_PROPERTY})*")
_propagator = W3CBaggagePropagator()


def with_baggage(header: str, context: Context) -> Context:
    """Return the context with the header's baggage in it; the same context where it is malformed."""
    return _propagator.extract({"baggage": header}, context) if _is_well_formed(header) else context


def _is_well_formed(header: str) -> bool:
    if len(header) > HEADER_MAX_CHARACTERS:
        return False
    members = header.split(",")
    return len(members) <= MEMBERS_MAX and all(
        len(member) <= MEMBER_MAX_CHARACTERS and _MEMBER.fullmatch(member) for member in members
    )
