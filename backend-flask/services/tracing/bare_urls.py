"""URLs without what may be secret in them: query, fragment, user and password.

Outgoing calls are recorded with their URL, and the exceptions of a failed call repeat it: in the call's own
span, in each span around it, and with the path alone in urllib3's words.
"""

import copy
import re
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import Status

EXCEPTION_EVENT = "exception"
_TEXTS_OF_EXCEPTION = ("exception.message", "exception.stacktrace")
_WORD = re.compile(r'[^\s"<>]+')
_USER = re.compile(r"://[^/\s]*@")


def bare_url(url: str) -> str:
    """Return a URL up to its path, without user and password."""
    return _USER.sub("://", re.split(r"[?#]", url, maxsplit=1)[0], count=1)


def bare_urls(text: str) -> str:
    """Return a text with the URLs in it bare, also those without scheme and host. Takes linear time."""
    if "?" not in text and "://" not in text:
        return text
    return _WORD.sub(_bare_word, text)


def _bare_word(match: "re.Match[str]") -> str:
    word = match[0]
    if "://" in word:
        return bare_url(word)
    head, _, query = word.partition("?")
    return head if query and ("/" in head or "=" in query) else word


def with_bare_urls(span: ReadableSpan) -> ReadableSpan:
    """Return the span with bare URLs in its exceptions and its status; most spans have neither."""
    events, status = span.events, span.status
    if not events and not status.description:
        return span
    # A span of its own with the fields that can't be given to a new one: what was dropped of it counts too.
    bare = copy.copy(span)
    if status.description:
        bare._status = Status(status.status_code, bare_urls(status.description))  # noqa: SLF001
    if any(event.name == EXCEPTION_EVENT for event in events):
        kept: BoundedList[Event] = BoundedList(None)
        kept.extend([_bare_event(event) if event.name == EXCEPTION_EVENT else event for event in events])
        kept.dropped = span.dropped_events
        bare._events = kept  # noqa: SLF001
    return bare


def _bare_event(event: Event) -> Event:
    attributes: dict[str, Any] = dict(event.attributes or {})
    for name in _TEXTS_OF_EXCEPTION:
        if isinstance(attributes.get(name), str):
            attributes[name] = bare_urls(attributes[name])
    return Event(event.name, attributes, event.timestamp)
