"""A file of traffic, whatever form it has: an access log, a CSV, or rates as JSON."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.forecast import log_lines, rates, tables
from scripts.forecast.lines import blocks, lines, opened
from scripts.forecast.observed import FORMS, observed
from scripts.forecast.seconds import Seconds
from scripts.forecast.traffic import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.forecast.classes import Classes
    from scripts.forecast.traffic import Traffic

RATES_MAX_BYTES = 8 << 20
RATES_MAX_BYTES = 8 << 20
_REMEMBERED = 100_000


def read(place: str, classes: Classes) -> Traffic:
    """Return the traffic of file *place*, its requests counted in *classes*.

    Raises OperatorError where it can't be read, has no known form, or no line of it is right.
    """
    with opened(place) as stream:
        incoming = blocks(stream, place)
        begin = next(incoming, None)
        every = chain([begin], incoming)
        sample = [line.removesuffix(b"\r") for line in (begin or b"").splitlines() if line.strip()]
        sample = sample[: log_lines.SAMPLE_LINES]
        if not sample:
            raise OperatorError(f"{place} is empty, or its first line has no end", remedy=f"give {FORMS}")
        header = tables.header_of(sample[0])
        if header is not None:
            return tables.read(place, header, lines(every), classes)
        form = log_lines.format_of(sample)
        if form is not None:
            return _log(place, form, every, classes)
        if sample[0].lstrip()[:1] in {b"{", b"["}:
            return rates.traffic(place, rates.from_json(place, _whole(place, every)), classes)
    raise OperatorError(f"{place} has no form that is known", remedy=f"give {FORMS}")


def _whole(place: str, every: Iterable[bytes | None]) -> bytes:
    content = bytearray()
    for part in every:
        if part is None or len(content) > RATES_MAX_BYTES:
            raise OperatorError(
                f"{place} is too long for rates as JSON, or has a line over 64 KiB",
                remedy=f"keep to {RATES_MAX_BYTES >> 20} MiB, a route a line",
            )
        content += part
    return bytes(content)


def _log(place: str, form: log_lines.Format, every: Iterable[bytes | None], classes: Classes) -> Traffic:
    reading, seconds = Reading(), Seconds()
    known = _Requests(classes)
    for part in every:
        if part is None:
            reading.lines += 1
            reading.note_broken(reading.lines)
        elif not isinstance(form, log_lines.Common) or not _plain_block(part, form, known, seconds, reading):
            _block(part, form, known, seconds, reading)
    return observed(f"{place}, {form.name}", seconds, reading, classes)


class _Requests:
    """The classes of requests as the log writes them (`GET / HTTP/1.1" 200`), each looked at once."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._known: dict[bytes, int | None] = {}

    def number_of(self, key: bytes) -> int | None:
        """Return the class of a request; None where it is none."""
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        request, _, status = key.rpartition(b'" ')
        found = log_lines.request_of(request)
        number = None if found is None else self._classes.number_of(*found, status.decode())
        self._known[key] = number
        return number


def _plain_block(
    part: bytes, form: log_lines.Common, requests: _Requests, seconds: Seconds, reading: Reading
) -> bool:
    """Count a block's requests at one go. False, and nothing counted, where a line needs a closer look."""
    found = form.block(part)
    if found is None:
        return False
    # In the order of the lines, which a set hasn't: classes are numbered as they are met.
    epoch = {time: form.second(time) for time in dict.fromkeys([time for time, _ in found])}
    numbers = {key: requests.number_of(key) for key in dict.fromkeys([key for _, key in found])}
    if None in epoch.values() or None in numbers.values():
        return False
    last, counts = b"", {}
    for time, key in found:
        if time != last:
            last, counts = time, seconds.of(epoch[time] or 0)
        number = numbers[key] or 0
        counts[number] = counts.get(number, 0) + 1
    reading.lines += len(found)
    return True


def _block(
    part: bytes, form: log_lines.Format, requests: _Requests, seconds: Seconds, reading: Reading
) -> None:
    for line in part[:-1].split(b"\n"):
        reading.lines += 1
        found = form.parse(line)
        if isinstance(found, str):
            reading.note_aside(found)
            continue
        number = None if found is None else requests.number_of(found[1] + b'" ' + found[2])
        if found is not None and number is not None:
            counts = seconds.of(found[0])
            counts[number] = counts.get(number, 0) + 1
        elif line.strip():
            reading.note_broken(reading.lines)
