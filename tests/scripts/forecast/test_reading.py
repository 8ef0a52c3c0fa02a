"""Files of traffic in every form, right and wrong."""

from __future__ import annotations

import gzip
import io
import json
import logging
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import OperatorError
from scripts.forecast import lines, reading, seconds
from scripts.forecast.log_lines import Common, JsonLines, LoadBalancer, format_of, request_of
from scripts.forecast.seconds import Seconds
from services.logging.formatter import JsonFormatter
from tests.scripts.forecast.logs import BEGIN, balancer, classes, common

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.forecast.traffic import Traffic

UUID = "2f1c1f7e-8a55-4f2f-9d0a-5d5c1e8a0f11"


def _read(folder: Path, *content: str, name: str = "traffic", host: str = "") -> Traffic:
    file = folder / name
    file.write_text("\n".join(content) + "\n")
    return reading.read(str(file), classes(host=host))


def _routes(traffic: Traffic) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for one in traffic.classes:
        counted[one.route] += one.requests  # type: ignore[assignment] # rates are no whole numbers
    return dict(counted)


def _seconds(traffic: Traffic) -> dict[int, int]:
    assert traffic.seconds is not None
    return {second: sum(pairs[1::2]) for second, pairs in traffic.seconds}


@pytest.mark.parametrize("combined", [True, False])
def test_common_and_combined_logs(tmp_path: Path, *, combined: bool) -> None:
    """Requests are counted by second and route; ids in paths are put under one name, queries left out."""
    traffic = _read(
        tmp_path,
        common(BEGIN, "GET /api/activities/home?x=1 HTTP/1.1", combined=combined),
        common(BEGIN, f"GET /api/activities/{UUID} HTTP/1.1", combined=combined),
        common(BEGIN + 9, "GET /api/activities/@andrew HTTP/1.1", combined=combined),
        common(BEGIN + 9, "GET /orders/17 HTTP/2.0", 503, combined=combined),
        common(BEGIN + 9, "GET /made-up.php HTTP/1.1", 404, combined=combined),
    )
    assert _routes(traffic) == {
        "GET /api/activities/home": 1,
        "GET /api/activities/{uuid}": 1,
        "GET /api/activities/@{name}": 1,
        "GET /orders/{number}": 1,
        "GET (not found)": 1,
    }
    assert _seconds(traffic) == {BEGIN: 2, BEGIN + 9: 3}
    assert traffic.duration == 10
    assert [one.route for one in traffic.classes if one.is_error] == ["GET /orders/{number}"]


def test_gunicorns_log_under_our_logger(tmp_path: Path) -> None:
    """A line of JSON for each; lines of other kinds are left aside and counted."""
    formatter = JsonFormatter()
    records = [
        logging.makeLogRecord({"name": "gunicorn.access", "msg": common(BEGIN, "GET /a HTTP/1.1")}),
        logging.makeLogRecord({"name": "gunicorn.error", "msg": "Booting worker with pid: 7"}),
        logging.makeLogRecord({"name": "gunicorn.access", "msg": common(BEGIN + 1, "GET /a HTTP/1.1")}),
    ]
    traffic = _read(tmp_path, *(formatter.format(record) for record in records))
    assert _routes(traffic) == {"GET /a": 2}
    assert traffic.notes[0] == "1 lines were left aside: log lines of other kinds"


def test_a_load_balancers_log(tmp_path: Path) -> None:
    """The host is the URL's, without its scheme's port; what never reached the backend is left aside."""
    traffic = _read(
        tmp_path,
        balancer(BEGIN, "GET https://api.example.com:443/a HTTP/1.1"),
        balancer(BEGIN + 2, "GET https://api.example.com:8443/a HTTP/1.1"),
        balancer(BEGIN + 2, target="-"),
    )
    assert _routes(traffic) == {"GET /a": 2}
    assert traffic.classes[0].example.host == "api.example.com"
    assert "1 lines were left aside: answered by the load balancer itself" in traffic.notes[0]


def test_a_csv_of_requests(tmp_path: Path) -> None:
    """Columns in any order, further ones too; times in ISO 8601 or epoch seconds; broken rows are named."""
    traffic = _read(
        tmp_path,
        "path,timestamp,Method,host,status,more",
        "/a,2026-11-20T00:00:00Z,get,api.example.com,200,x",
        f"/a,{BEGIN + 1}.75,GET,api.example.com,500,x",
        "/a,soon,GET,,200,x",
        "/a,1,GET",
        '"/a,1,GET,,200,x',
        "nowhere,1,GET,,200,x",
    )
    assert _routes(traffic) == {"GET /a": 2}
    assert _seconds(traffic) == {BEGIN: 1, BEGIN + 1: 1}
    assert traffic.reading.broken_lines == [4, 5, 6, 7]


@pytest.mark.parametrize(
    "content",
    [
        "route,requests_per_second\nGET /a,20\nPOST /b,0.5",
        json.dumps({"GET /a": 20, "POST /b": "30/min"}),
        json.dumps(
            [
                {"route": "GET /a", "requests_per_second": 20},
                {"route": "post /b", "requests_per_second": 0.5},
            ],
            indent=1,
        ),
    ],
)
def test_rates_by_route(tmp_path: Path, content: str) -> None:
    """As a CSV, and as JSON of both kinds: a day of them."""
    traffic = _read(tmp_path, content)
    assert traffic.seconds is None
    per_second = {route: traffic.per_second(count) for route, count in _routes(traffic).items()}
    assert per_second == {"GET /a": 20.0, "POST /b": 0.5}


def test_compressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gzip is known by its first bytes, whatever the name, and on standard input too."""
    content = gzip.compress(f"{common(BEGIN)}\n{common(BEGIN)}".encode())
    (tmp_path / "log").write_bytes(content)
    assert reading.read(str(tmp_path / "log"), classes()).requests == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    assert reading.read("-", classes()).requests == 2


def test_a_broken_gzip_file_is_told(tmp_path: Path) -> None:
    """Cut off, or rubbish after its first bytes."""
    whole = gzip.compress("\n".join(common(BEGIN + number) for number in range(50_000)).encode())
    for content in (whole[: len(whole) // 2], whole[:40] + b"\xff" * 500):
        (tmp_path / "log").write_bytes(content)
        with pytest.raises(OperatorError, match="can't be read to its end"):
            reading.read(str(tmp_path / "log"), classes())


def test_broken_lines_are_counted_and_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    """Of many, the first ten by number; what is right around them counts."""
    good = [common(BEGIN + number) for number in range(30)]
    bad = [
        "rubbish",
        common(BEGIN, status="abc"),
        "\0\0",
        common(BEGIN, "nothing"),
        '"' * 5,
        "\x1b[31mred",
        "1",
    ]
    bad += [common(BEGIN).replace("Nov", "Nov\u00e9"), common(BEGIN).replace("20/", "99/"), "x" * 200_000]
    bad += ["once more", "and again"]
    mixed = [line for pair in zip(good, bad, strict=False) for line in pair]
    traffic = _read(tmp_path, *mixed, *good[len(bad) :])
    assert traffic.requests == 30
    assert traffic.reading.broken == len(bad)
    assert traffic.reading.broken_lines == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert "12 of 42 lines are broken and were left out: line 2, 4, " in traffic.notes[0]
    assert traffic.notes[0].endswith(", ...")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n\n", "is empty"),
        ("what is this\n", "has no form that is known"),
        ("\x00\x01\x02" * 900, "has no form that is known"),
        ("{broken", "neither a log nor JSON"),
        ("[" * 50_000, "neither a log nor JSON"),
        ("[" * 500_000, "its first line has no end"),
        ("{}", "has no rates"),
        ('{"GET /a": -1}', "is no rate"),
        ('{"GET /a": NaN}', "is no rate"),
        ('{"GET /a": true}', "is no rate"),
        ('{"a": 1}', "is no route"),
        ('{"GET /a": 0}', "every rate is 0"),
        ("[1]", "has no rates"),
        ("route,requests_per_second\n", "line 2 is no rate"),
        ("route,requests_per_second\nGET /a,1\nGET /b\n", "line 3 is no rate"),
        ("timestamp,method,path\nsoon,GET,/a\n", "no request is left of 2 lines: 1 are broken, .* line 2"),
    ],
)
def test_nothing_usable_is_an_error_that_says_what_is(tmp_path: Path, content: str, message: str) -> None:
    """Each with the remedy, in one line."""
    (tmp_path / "traffic").write_text(content)
    with pytest.raises(OperatorError, match=message) as raised:
        reading.read(str(tmp_path / "traffic"), classes())
    assert raised.value.remedy
    assert "\n" not in str(raised.value)


def test_a_folder_and_no_file_are_told(tmp_path: Path) -> None:
    """Neither is read as an empty log."""
    for place in (tmp_path, tmp_path / "missing"):
        with pytest.raises(OperatorError, match="can't be read"):
            reading.read(str(place), classes())
    with pytest.raises(OperatorError, match="is no path"):
        reading.read("a\0b", classes())


def test_lines_out_of_order_come_into_their_seconds(tmp_path: Path) -> None:
    """A log is written when requests end: within the window their order is of no matter."""
    order = [3, 1, 2, 1, 3, 0]
    traffic = _read(tmp_path, *(common(BEGIN + number) for number in order))
    assert _seconds(traffic) == {BEGIN + number: order.count(number) for number in range(4)}
    assert traffic.seconds is not None
    assert traffic.seconds.late == 0


def test_a_long_log_goes_to_a_file_and_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of what is kept in memory, each second comes back once, with all its counts."""
    monkeypatch.setattr(seconds, "NUMBERS_IN_MEMORY", 64)
    monkeypatch.setattr(seconds, "_WINDOW_SECONDS", 10)
    monkeypatch.setattr(seconds, "_LOOK_EVERY", 1)
    kept = Seconds()
    for second in range(500):
        counts = kept.of(BEGIN + second)
        for number in range(second % 7):
            counts[number] = second + 1
    kept.close()
    for _ in range(2):
        found = {second - BEGIN: list(pairs) for second, pairs in kept}
        assert found == {
            second: [value for number in range(second % 7) for value in (number, second + 1)]
            for second in range(500)
        }
    assert (kept.first, kept.last, kept.busy) == (BEGIN, BEGIN + 499, 500)


def test_what_comes_far_too_late_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It counts all the same."""
    monkeypatch.setattr(seconds, "_WINDOW_SECONDS", 10)
    monkeypatch.setattr(seconds, "_LOOK_EVERY", 1)
    traffic = _read(tmp_path, *(common(BEGIN + number) for number in (*range(1, 60), 0)))
    assert traffic.requests == 60
    assert traffic.duration == 60
    assert any("1 requests came far out of order" in note for note in traffic.notes)


def test_a_wrong_time_is_suspected(tmp_path: Path) -> None:
    """One line from another year makes a long gap, and rates that are far too low: that is said."""
    traffic = _read(tmp_path, common(BEGIN - 400 * 86_400), *(common(BEGIN + number) for number in range(50)))
    assert any("is a time in it wrong?" in note for note in traffic.notes)


def test_many_routes_are_kept_within_bounds(tmp_path: Path) -> None:
    """Two thousand classes; further paths are one route for each method, and none is lost."""
    made = [common(BEGIN, f"GET /p{number}x HTTP/1.1") for number in range(2100)]
    traffic = _read(tmp_path, *made)
    routes = _routes(traffic)
    assert sum(routes.values()) == 2100
    assert routes["GET (other paths)"] == 100
    assert any("further paths are taken as one route" in note for note in traffic.notes)


def test_a_route_shows_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    """Control characters of a hostile path become question marks."""
    traffic = _read(tmp_path, common(BEGIN, "GET /%1b[31mred%0a HTTP/1.1"))
    assert list(_routes(traffic)) == ["GET /?[31mred?"]


@pytest.mark.parametrize(
    ("line", "form"),
    [
        (common(BEGIN), Common),
        (balancer(BEGIN), LoadBalancer),
        (json.dumps({"message": common(BEGIN)}), JsonLines),
    ],
)
def test_the_form_is_known_by_the_lines(line: str, form: type) -> None:
    """The one that most lines have; none for rubbish."""
    assert isinstance(format_of([b"rubbish", line.encode(), line.encode()]), form)
    assert format_of([b"rubbish"]) is None


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        (b"GET / HTTP/1.1", ("GET", "", "/")),
        (b"GET /a%20b?c=d HTTP/1.1", ("GET", "", "/a b")),
        (b"GET http://h.example:80 HTTP/1.1", ("GET", "h.example", "/")),
        (b"GET http://h.example:81/x HTTP/1.1", ("GET", "h.example:81", "/x")),
        (b"OPTIONS * HTTP/1.1", ("OPTIONS", "", "*")),
        (b"BREW /pot HTTP/1.1", ("_OTHER", "", "/pot")),
        (b"GET /only", ("GET", "", "/only")),
        (b"\\x16\\x03\\x01", None),
        (b"-", None),
        (b"", None),
        (b"GET nowhere HTTP/1.1", None),
        (b"G\xc3\x28T / HTTP/1.1", None),
    ],
)
def test_a_request_is_as_the_backend_sees_it(
    request_line: bytes, expected: tuple[str, str, str] | None
) -> None:
    """Percent-encoding undone, no query, the host with a port that isn't its scheme's own."""
    assert request_of(request_line) == expected


@given(st.binary(max_size=300))
def test_no_line_breaks_a_reader(content: bytes) -> None:
    """Whatever the bytes: a request, a reason, or None."""
    for form in (Common(), LoadBalancer(), JsonLines()):
        found = form.parse(content)
        assert found is None or isinstance(found, str | tuple)
    request_of(content)


@given(
    st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30),
    st.integers(1, 64),
)
def test_lines_come_out_as_they_went_in(content: list[bytes], size: int) -> None:
    """Whatever the size of what is read at once; what is too long comes as None."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK_BYTES", size)
        patch.setattr(lines, "LINE_MAX_BYTES", 64)
        stream = io.BytesIO(b"".join(line + b"\n" for line in content))
        found = list(lines.lines(lines.blocks(stream, "it")))
    assert found == content


def test_a_line_without_end_is_passed_over() -> None:
    """Nothing of it is kept, and the next line is whole."""
    stream = io.BytesIO(b"a\n" + b"x" * 500_000 + b"\nb\n" + b"y" * 200_000)
    assert list(lines.lines(lines.blocks(stream, "it"))) == [b"a", None, b"b", None]
