"""What no sink may see: applied to each ended span, whoever made it, before any sink has it."""

import copy
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from services.tracing.privacy.bare_urls import bare_urls
from services.tracing.privacy.redacted_urls import REDACTED, redacted_query, redacted_url
from services.tracing.privacy.sensitive_names import SensitiveNames, Verdict

_EXCEPTION_EVENT = "exception"
_MESSAGE = "exception.message"
_TEXTS_OF_EXCEPTION = frozenset({_MESSAGE, "exception.stacktrace"})
_ROW_VALUES = re.compile(r"^(DETAIL|CONTEXT):.*(?:\n(?!\n|[A-Z]{4,}:).+)*", re.MULTILINE)
"""Where PostgreSQL repeats the values of a row or a statement's parameters, in the text of an error."""


class Redactor:
    """Returns spans without secrets. `names` are the configured attributes, `*` stands for any run.

    Hidden are the values of sensitive headers and of the configured attributes, of the span, its events, its
    links and its resource; the values of a URL's query, its user and password; and what exceptions repeat of
    all that. The span handed in, which others may be reading, stays as it is. Thread-safe.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = SensitiveNames(names)
        # An exception's text is in the event, in its stack trace and in the span's status.
        self._hides_exceptions = self._names(_MESSAGE) is Verdict.HIDE
        self._resources: tuple[Resource | None, Resource | None] = (None, None)

    def __call__(self, span: ReadableSpan) -> ReadableSpan:
        """Return the span itself where there is nothing to hide, else a copy without it."""
        changes: dict[str, Any] = {}
        attributes = span._attributes  # noqa: SLF001 (the property makes a new mapping at each call)
        if attributes and not self._names.clean.issuperset(attributes):
            redacted = self._redacted(attributes)
            if redacted is not None:
                changes["_attributes"] = redacted
        if span._events:  # noqa: SLF001
            self._events(span, changes)
        if span._links:  # noqa: SLF001
            self._links(span, changes)
        description = span._status.description  # noqa: SLF001
        if description:
            bare = self._text(description)
            if bare != description:
                changes["_status"] = Status(span.status.status_code, bare)
        resource = self._resource(span._resource)  # noqa: SLF001
        if resource is not span._resource:  # noqa: SLF001
            changes["_resource"] = resource
        if not changes:
            return span
        # A copy with the fields that can't be given to a new span: what was dropped of it counts too.
        clean = copy.copy(span)
        vars(clean).update(changes)
        return clean

    def _redacted(self, attributes: Mapping[str, Any]) -> Any:
        """Return the attributes without secrets, None where they hold none."""
        changes: dict[str, Any] = {}
        for name, value in attributes.items():
            verdict = self._names(name)
            if verdict is not Verdict.CLEAN:
                redacted = _value(verdict, value)
                if redacted != value:
                    changes[name] = redacted
        return _changed(attributes, changes) if changes else None

    def _events(self, span: ReadableSpan, changes: dict[str, Any]) -> None:
        events = [self._event(event) for event in span._events]  # noqa: SLF001
        if any(new is not old for new, old in zip(events, span._events, strict=True)):  # noqa: SLF001
            changes["_events"] = _sequence(span._events, events)  # noqa: SLF001

    def _event(self, event: Event) -> Event:
        attributes: Mapping[str, Any] = event.attributes or {}
        changes: dict[str, Any] = {}
        for name, value in attributes.items():
            verdict = self._names(name)
            redacted = value if verdict is Verdict.CLEAN else _value(verdict, value)
            if event.name == _EXCEPTION_EVENT and name in _TEXTS_OF_EXCEPTION and isinstance(redacted, str):
                redacted = self._text(redacted)
            if redacted != value:
                changes[name] = redacted
        return _with_attributes(event, _changed(attributes, changes)) if changes else event

    def _text(self, text: str) -> str:
        """Return what an exception says without what it repeats of URLs and rows."""
        if self._hides_exceptions:
            return REDACTED
        if "DETAIL:" in text or "CONTEXT:" in text:
            text = _ROW_VALUES.sub(rf"\1: {REDACTED}", text)
        return bare_urls(text)

    def _links(self, span: ReadableSpan, changes: dict[str, Any]) -> None:
        links = []
        for link in span._links:  # noqa: SLF001
            redacted = self._redacted(link.attributes) if link.attributes else None
            links.append(link if redacted is None else _with_attributes(link, redacted))
        if any(new is not old for new, old in zip(links, span._links, strict=True)):  # noqa: SLF001
            changes["_links"] = _sequence(span._links, links)  # noqa: SLF001

    def _resource(self, resource: Resource) -> Resource:
        """Return the resource without secrets; a process has one, so that the last is remembered."""
        known, clean = self._resources
        if known is resource and clean is not None:
            return clean
        redacted = self._redacted(resource.attributes)
        clean = resource if redacted is None else Resource(dict(redacted), resource.schema_url)
        self._resources = (resource, clean)
        return clean


def _value(verdict: Verdict, value: Any) -> Any:
    if verdict is Verdict.HIDE:
        return REDACTED
    redact = redacted_url if verdict is Verdict.URL else redacted_query
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return tuple(redact(item) if isinstance(item, str) else REDACTED for item in value)
    return value if value is None or isinstance(value, bool | int | float) else REDACTED


def _changed(attributes: Mapping[str, Any], changes: dict[str, Any]) -> Any:
    """Return the same kind of mapping with some values replaced: OpenTelemetry's counts what it dropped."""
    merged = {**attributes, **changes}
    if not hasattr(attributes, "_dict"):
        return merged
    changed = copy.copy(attributes)
    vars(changed)["_dict"] = merged
    return changed


def _with_attributes(carrier: Any, attributes: Any) -> Any:
    changed = copy.copy(carrier)
    vars(changed)["_attributes"] = attributes
    return changed


def _sequence(old: Any, items: Sequence[Any]) -> Any:
    """Return the same kind of sequence with other items: OpenTelemetry's own counts what it dropped."""
    if not hasattr(old, "_dq"):
        return type(old)(items)
    changed = copy.copy(old)
    vars(changed)["_dq"] = type(old._dq)(items, old._dq.maxlen)  # noqa: SLF001
    return changed
