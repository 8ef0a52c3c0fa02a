"""What no sink may see: applied to each ended span, whoever made it, before any sink has it."""

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from services.tracing.privacy.redacted_urls import REDACTED
from services.tracing.privacy.sensitive_names import MESSAGE, SensitiveNames
from services.tracing.privacy.texts import redacted_text
from services.tracing.privacy.values import PLAIN, Values
from services.tracing.privacy.verdict import Verdict

_CLEAN_TEXTS_MAX = 4096
_TEXT_MAX_CHARACTERS = 256

_are_plain = PLAIN.issuperset


class Redactor:
    """Returns spans without secrets. `names` are the configured attributes, `*` stands for any run.

    Hidden are the values of sensitive headers and of the configured attributes, of the span, its events, its
    links and its resource, and of the names within their values; the values of a URL's query, its user and
    password; and what names and exceptions repeat of all that. The span handed in, which others may be
    reading, stays as it is. Thread-safe.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = SensitiveNames(names)
        self._values = Values(self._names)
        # An exception's text is in the event, in its stack trace and in the span's status.
        self._hides_exceptions = self._names(MESSAGE) is Verdict.HIDE
        self._resources: tuple[Resource | None, Resource | None] = (None, None)
        self._clean_resource: Resource | None = None
        self._clean_texts: set[str] = set()
        self._are_clean = self._names.clean.issuperset

    def __call__(self, span: ReadableSpan) -> ReadableSpan:
        """Return the span itself where there is nothing to hide, else a copy without it."""
        changes: dict[str, Any] = {}
        attributes: Any = span._attributes  # noqa: SLF001 (the property makes a new mapping at each call)
        if attributes:
            plain = attributes if attributes.__class__ is dict else getattr(attributes, "_dict", attributes)
            if not (self._are_clean(plain) and _are_plain(map(type, plain.values()))):
                redacted = self._redacted(attributes)
                if redacted is not None:
                    changes["_attributes"] = redacted
        name = span._name  # noqa: SLF001
        if name.__class__ is not str or name not in self._clean_texts:
            bare = self._name(name)
            if bare is not name:
                changes["_name"] = bare
        if span._events:  # noqa: SLF001
            self._events(span, changes)
        if span._links:  # noqa: SLF001
            self._links(span, changes)
        description = span._status.description  # noqa: SLF001
        if description:
            bare = REDACTED if self._hides_exceptions else redacted_text(description)
            if bare != description:
                changes["_status"] = Status(span.status.status_code, bare)
        resource = span._resource  # noqa: SLF001
        if resource is not self._clean_resource:
            clean_resource = self._resource(resource)
            if clean_resource is not resource:
                changes["_resource"] = clean_resource
        if not changes:
            return span
        # A copy with the fields that can't be given to a new span: what was dropped of it counts too.
        clean = copy.copy(span)
        vars(clean).update(changes)
        return clean

    def _name(self, name: Any) -> Any:
        """Return the name of a span or an event without secrets; those of routes are remembered."""
        if not isinstance(name, str) or name in self._clean_texts:
            return name
        bare = redacted_text(name)
        if bare != name:
            return bare
        if name.__class__ is str and len(name) <= _TEXT_MAX_CHARACTERS:
            if len(self._clean_texts) >= _CLEAN_TEXTS_MAX:
                self._clean_texts.clear()
            self._clean_texts.add(name)
        return name

    def _redacted(self, attributes: Mapping[str, Any]) -> Any:
        """Return the attributes without secrets, None where they hold none."""
        changes: dict[str, Any] = {}
        clean = self._names.clean
        for name, value in attributes.items():
            if name in clean and value.__class__ in PLAIN:
                continue
            redacted = self._values(name, value)
            if redacted is not value and redacted != value:
                changes[name] = redacted
        return _changed(attributes, changes) if changes else None

    def _events(self, span: ReadableSpan, changes: dict[str, Any]) -> None:
        events = [self._event(event) for event in span._events]  # noqa: SLF001
        if any(new is not old for new, old in zip(events, span._events, strict=True)):  # noqa: SLF001
            changes["_events"] = _sequence(span._events, events)  # noqa: SLF001

    def _event(self, event: Event) -> Event:
        redacted = self._redacted(event.attributes) if event.attributes else None
        clean = event if redacted is None else _with(event, "_attributes", redacted)
        name = self._name(event.name)
        return clean if name is event.name else _with(clean, "_name", name)

    def _links(self, span: ReadableSpan, changes: dict[str, Any]) -> None:
        links = []
        for link in span._links:  # noqa: SLF001
            redacted = self._redacted(link.attributes) if link.attributes else None
            links.append(link if redacted is None else _with(link, "_attributes", redacted))
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
        self._clean_resource = clean
        return clean


def _changed(attributes: Mapping[str, Any], changes: dict[str, Any]) -> Any:
    """Return the same kind of mapping with some values replaced: OpenTelemetry's counts what it dropped."""
    merged = {**attributes, **changes}
    if not hasattr(attributes, "_dict"):
        return merged
    changed = copy.copy(attributes)
    vars(changed)["_dict"] = merged
    return changed


def _with(carrier: Any, field: str, value: Any) -> Any:
    changed = copy.copy(carrier)
    vars(changed)[field] = value
    return changed


def _sequence(old: Any, items: Sequence[Any]) -> Any:
    """Return the same kind of sequence with other items: OpenTelemetry's own counts what it dropped."""
    if not hasattr(old, "_dq"):
        return type(old)(items)
    changed = copy.copy(old)
    vars(changed)["_dq"] = type(old._dq)(items, old._dq.maxlen)  # noqa: SLF001
    return changed
