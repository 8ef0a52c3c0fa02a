"""One line of an access log as second, request and status. Everything here is bytes: a log is long.

Formats: common and combined (Apache, nginx, gunicorn), gunicorn's under our JSON logger, and an Application
Load Balancer's (source: its guide, "Access log entries"; the balancer logs no health checks there).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from scripts.forecast.times import iso_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

Line = tuple[int, bytes, bytes]
"""Epoch second, the request (`GET /path HTTP/1.1`), and the status."""
Parser = "Callable[[bytes], Line | str | None]"

SAMPLE_LINES = 50
BY_BALANCER = "answered by the load balancer itself, not by the backend"
NO_ACCESS = "log lines of other kinds"
_MONTH_NAMES = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_TIME = re.compile(rb"(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_COMMON = re.compile(rb'\[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3})(?:\s|$)')
_PLAIN_LINES = re.compile(rb'^[^"\[\n]*\[([^\]\n]+)\] "([^"\\\n]*" \d{3}) .*$', re.MULTILINE)
_REMEMBERED = 20_000
_PORTS = {"http": ":80", "https": ":443"}
# The methods that OpenTelemetry knows, and its name for others: rules see the same.
_METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
_OTHER_METHOD = "_OTHER"
_ALB_KINDS = (b"http", b"https", b"h2", b"grpcs", b"ws", b"wss")


class Common:
    """`host ident user [time] "request" status bytes ...`."""

    name = "common or combined log"

    def __init__(self) -> None:
        self._seconds: dict[bytes, int | None] = {}

    def parse(self, line: bytes) -> Line | str | None:
        """Return the line's request, or None where it has none of this form."""
        found = _COMMON.search(line)
        second = self.second(found[1]) if found else None
        return (second, found[2], found[3]) if found and second is not None else None

    def block(self, text: bytes) -> list[tuple[bytes, bytes]] | None:
        """Return time, and request with status (`GET / HTTP/1.1" 200`), of each line of a block.

        None where a line is not plain: then each has to be parsed by itself. This is what makes it fast.
        """
        found = _PLAIN_LINES.findall(text)
        return found if len(found) == text.count(b"\n") else None

    def second(self, text: bytes) -> int | None:
        """Return the epoch second of `21/Nov/2026:10:00:00 +0000`, or None where it is no time."""
        if text in self._seconds:
            return self._seconds[text]
        if len(self._seconds) >= _REMEMBERED:
            self._seconds.clear()
        second = self._seconds[text] = _common_time(text)
        return second


def _common_time(text: bytes) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    day, year, hour, minute, second, hours, minutes = (int(found[i]) for i in (1, 3, 4, 5, 6, 8, 9))
    try:
        at = datetime(year, _MONTHS[found[2]], day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    ahead = (hours * 60 + minutes) * 60
    epoch = int(at.timestamp()) + (ahead if found[7] == b"-" else -ahead)
    return epoch if 0 <= epoch < 2**32 else None


class LoadBalancer:
    """`type time elb client target ... elb_status target_status received sent "request" ...`."""

    name = "Application Load Balancer's log"

    def __init__(self) -> None:
        self._seconds: dict[bytes, int | None] = {}

    def parse(self, line: bytes) -> Line | str | None:
        """Return the line's request; the reason where the backend never had it; None for another form."""
        parts = line.split(b'"', 2)
        head = parts[0].split(b" ")
        if len(parts) < 3 or len(head) < 12 or head[0] not in _ALB_KINDS:
            return None
        if head[4] == b"-":
            return BY_BALANCER
        text = head[1][:19]
        if text not in self._seconds:
            if len(self._seconds) >= _REMEMBERED:
                self._seconds.clear()
            self._seconds[text] = iso_seconds(text.decode("latin-1") + "Z")
        second = self._seconds[text]
        return None if second is None else (second, parts[1], head[8])


class JsonLines:
    """A line of JSON for each, `message` holds the common form: gunicorn's access log under our logger."""

    name = "JSON log with access lines"

    def __init__(self) -> None:
        self._common = Common()

    def parse(self, line: bytes) -> Line | str | None:
        """Return the line's request; the reason where it is another logger's; None for another form."""
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, dict) or not isinstance(document.get("message"), str):
            return None
        found = self._common.parse(document["message"].encode("utf-8", "backslashreplace"))
        return NO_ACCESS if found is None else found


Format = Common | LoadBalancer | JsonLines


def format_of(lines: Sequence[bytes]) -> Format | None:
    """Return the format that most of *lines* have, or None where not one has any."""
    formats: tuple[Format, ...] = (Common(), LoadBalancer(), JsonLines())
    counted = [sum(one.parse(line) is not None for line in lines) for one in formats]
    best = max(counted, default=0)
    return formats[counted.index(best)] if best else None


def request_of(request: bytes) -> tuple[str, str, str] | None:
    """Return method, host (empty where it isn't told) and path of a request line; None where it is none.

    As the backend sees it: without the query, percent-encoding undone, the host with a port that isn't its
    scheme's own.
    """
    words = request.decode("utf-8", "backslashreplace").split(" ")
    if len(words) not in {2, 3} or not words[0].isalpha() or not words[1]:
        return None
    target, host = words[1].partition("?")[0].partition("#")[0], ""
    scheme, separator, rest = target.partition("://")
    if separator and "/" not in scheme:
        authority, slash, path = rest.partition("/")
        host = authority.removesuffix(_PORTS.get(scheme.lower(), ""))
        target = slash + path or "/"
    if not target.startswith("/") and target != "*":
        return None
    method = words[0] if words[0] in _METHODS else _OTHER_METHOD
    return method, host, unquote(target, errors="replace")
