"""Traffic as a CSV: a request a line, or a route's rate a line. The first line names the columns."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.forecast import rates
from scripts.forecast.observed import observed
from scripts.forecast.seconds import Seconds
from scripts.forecast.times import iso_seconds
from scripts.forecast.traffic import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scripts.forecast.classes import Classes
    from scripts.forecast.traffic import Traffic

_REQUESTS = {"timestamp", "method", "path"}
_RATES = {"route", "requests_per_second"}


def header_of(line: bytes) -> list[str] | None:
    """Return the columns that a CSV's first line names, or None where they are of neither kind."""
    text = line.decode("utf-8-sig", "replace")
    names = [name.strip().lower() for name in next(iter(csv.reader([text])), [])]
    return names if set(names) >= _REQUESTS or set(names) >= _RATES else None


def read(place: str, header: list[str], every: Iterable[bytes | None], classes: Classes) -> Traffic:
    """Return the traffic of a CSV with the columns *header*.

    Raises OperatorError where no line is right, and for a wrong rate: of rates none can be left out.
    """
    reading = Reading()
    rows = _rows(header, every, reading)
    if set(header) >= _RATES:
        found = [rate for _, row in rows for rate in rates.from_json(place, _document(row))]
        if not found or reading.broken:
            line = reading.broken_lines[0] if reading.broken_lines else 2
            raise OperatorError(
                f"{place}: line {line} is no rate", remedy="expected route,requests_per_second in each line"
            )
        return rates.traffic(place, found, classes)
    seconds = Seconds()
    for line, row in rows:
        method, path = row["method"].upper(), row["path"].partition("?")[0]
        second = iso_seconds(row["timestamp"])
        if second is None or not method.isalpha() or not path.startswith("/"):
            reading.note_broken(line)
            continue
        status = row.get("status", "")
        number = classes.number_of(method, row.get("host", ""), path, status)
        counts = seconds.of(second)
        counts[number] = counts.get(number, 0) + 1
    return observed(f"{place}, CSV", seconds, reading, classes)


def _document(row: Mapping[str, str]) -> bytes:
    return json.dumps([{name: row[name] for name in sorted(_RATES)}]).encode()


def _rows(
    header: list[str], every: Iterable[bytes | None], reading: Reading
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row after the first with its line's number; what is no row is noted as broken.

    A quoted field can't go over several lines: no path, method or time does.
    """
    is_header = True
    for number, line in enumerate(every, start=1):
        reading.lines = number
        if line is not None and not line.strip():
            continue
        if is_header:
            is_header = False
            continue
        try:
            text = "" if line is None else line.decode().removesuffix("\r")
            cells = next(iter(csv.reader([text], strict=True)), [])
        except (UnicodeDecodeError, csv.Error):
            cells = []
        if len(cells) != len(header):
            reading.note_broken(number)
            continue
        yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
