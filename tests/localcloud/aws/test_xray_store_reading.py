"""Documents and bodies on the short way: never anything but what the long way says."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.strict_json import loads
from localcloud.aws.xray.operations import OPERATIONS
from localcloud.aws.xray.segments_body import read_texts
from localcloud.aws.xray.store import worker
from localcloud.aws.xray.store.database import Database
from localcloud.aws.xray.store.derivers import ALONE_MAX_DOCUMENTS, Deriver
from localcloud.aws.xray.store.deriving import Changed, derive_rows
from localcloud.aws.xray.store.reading import Refusal, read_document
from localcloud.aws.xray.validation import validate
from tests.localcloud.aws.segments import START, make_segment, make_trace_id, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint

_SHAPE = OPERATIONS["/TraceSegments"].input_shape
_NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(json.dumps),
    st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)


@given(number=_NUMBERS)
def test_no_number_passes_that_is_refused(number: str) -> None:
    """A document with a number is taken just where the strict parser takes it, and means the same."""
    text = json.dumps(make_segment(make_trace_id(), metadata={"a": {"n": "%"}})).replace('"%"', number)
    found = read_document(text.encode())
    try:
        expected = loads(text)
    except ValueError:
        assert isinstance(found, Refusal)
    else:
        assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\ud800"}',
        "\ufeff{}",
        "{} {}",
        '{"a": 18446744073709551615}',
        '{"a": 99999999999999999999}',
        '{"a": -9223372036854775809}',
        '{"a": Infinity}',
        '{"a": 01}',
    ],
)
def test_texts_that_no_parser_may_take(text: str) -> None:
    """Half characters, integers beyond 64 bits and whatever isn't JSON make no document."""
    whole = json.dumps(make_segment(make_trace_id(), metadata={"a": 0}))
    assert isinstance(read_document(whole.replace('{"a": 0}', text, 1).encode()), Refusal)


@pytest.mark.parametrize("key", ["name", "id"])
def test_the_last_of_two_like_members_counts(key: str) -> None:
    """A member that comes twice has its last value, as with the strict parser."""
    text = json.dumps(make_segment(make_trace_id()))
    doubled = "{" + f'"{key}": 5, ' + text[1:]
    assert read_document(doubled.encode()) == json.loads(text)


_BODIES = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda gap, texts, end: f'{gap}{{"TraceSegmentDocuments":{gap}{texts}{gap}}}{end}'.encode(),
        st.sampled_from(["", " ", "\n\t", "\x0c"]),
        st.one_of(
            st.lists(st.one_of(st.text(max_size=20), st.none(), st.integers(0, 9)), max_size=4).map(
                json.dumps
            ),
            st.sampled_from(["null", '{"a": 1}', '"x"', '["\\ud800"]', "[NaN]", "[1e999]"]),
        ),
        st.sampled_from(["", " ", ', "more": 1', "}", '{"TraceSegmentDocuments": []}']),
    ),
    st.sampled_from(
        [
            b'{"TraceSegmentDocuments": ["a"], "TraceSegmentDocuments": ["b"]}',
            b'{"TraceSegmentDocuments": [1e999], "Trace\\u0053egmentDocuments": ["b"]}',
            b'{"TraceSegmentDocuments": ["a"], "more": 1e999}',
        ]
    ),
)


@given(body=_BODIES)
def test_bodies_read_the_short_way_mean_the_same(body: bytes) -> None:
    """What the short way reads is what the API's model finds; everything else it leaves alone."""
    texts = read_texts(body)
    if texts is not None:
        assert validate(_SHAPE, loads(body)) == {"TraceSegmentDocuments": texts}


def test_usual_bodies_take_the_short_way() -> None:
    """A body as boto3 writes it is read the short way."""
    texts = [json.dumps(make_segment(make_trace_id(), name="naïve ☃")) for _ in range(3)]
    assert read_texts(json.dumps({"TraceSegmentDocuments": texts}).encode()) == texts
    assert read_texts(orjson.dumps({"TraceSegmentDocuments": []})) == []


@pytest.fixture(scope="module")
def schema() -> Iterator[Any]:
    """The schema of stored rows."""
    database = Database()
    yield database.schema
    database.close()


def _changes(count: int) -> list[Changed]:
    found = []
    for number in range(count):
        trace_id = make_trace_id(START + number)
        stored = [json.dumps(make_segment(trace_id, annotations={"a": 1, "ü": "é"})).encode()]
        texts = [json.dumps(make_segment(trace_id, name="late", fault=True)).encode()]
        found.append(Changed(trace_id, 1, 1, False, START + number, stored, texts, [START + number + 1]))
    return found


def _rows(deriver: Deriver, account_id: str, changes: list[Changed]) -> Any:
    """Return the rows of changes that are given in chunks."""
    chunks = [changes[first : first + 300] for first in range(0, len(changes), 300)]
    return pa.concat_tables(deriver.rows("a/1", account_id, chunks)).combine_chunks()


def test_the_process_derives_what_the_caller_would(schema: Any) -> None:
    """Many traces are derived in a process of their own, with the same rows; its end is no loss."""
    changes = _changes(ALONE_MAX_DOCUMENTS + 1)
    expected = derive_rows(schema, "a/1", "123456789012", changes)
    deriver = Deriver(schema)
    assert _rows(deriver, "123456789012", changes).equals(expected)
    process = deriver.processes[0]
    process.kill()
    process.wait()
    assert _rows(deriver, "123456789012", changes).equals(expected)
    assert process not in deriver.processes
    deriver.stop()
    assert deriver.processes == []


def test_a_process_that_stands_still_is_done_without(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that neither reads nor answers any more keeps nobody: it is ended, and the rows are right."""
    changes = _changes(ALONE_MAX_DOCUMENTS * 5)
    expected = derive_rows(schema, "a/1", "1", changes)
    deriver = Deriver(schema)
    assert _rows(deriver, "1", changes).equals(expected)
    process = deriver.processes[-1]
    os.kill(process.pid, signal.SIGSTOP)
    monkeypatch.setattr("localcloud.aws.xray.store.derivers.ANSWER_SECONDS", 0.2)
    assert _rows(deriver, "1", changes).equals(expected)
    assert process.returncode == -signal.SIGKILL
    deriver.stop()


def test_a_few_traces_need_no_process(schema: Any) -> None:
    """The caller derives a few traces itself."""
    deriver = Deriver(schema)
    changes = _changes(3)
    assert _rows(deriver, "1", changes).equals(derive_rows(schema, "a/1", "1", changes))
    assert deriver.processes == []


def test_a_process_that_fails_is_done_without(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process can't be started, or ends at once, the caller derives itself."""
    changes = _changes(ALONE_MAX_DOCUMENTS + 1)
    expected = derive_rows(schema, "a/1", "1", changes)
    for executable in ("/nowhere/python", "/bin/true"):
        monkeypatch.setattr("sys.executable", executable)
        deriver = Deriver(schema)
        assert _rows(deriver, "1", changes).equals(expected)
        assert deriver.processes == []


def test_what_isnt_taken_is_no_later_answer(schema: Any) -> None:
    """Who stops in the middle gets the right rows the next time."""
    changes = _changes(ALONE_MAX_DOCUMENTS + 1)
    deriver = Deriver(schema)
    with contextlib.closing(
        deriver.rows("a/1", "1", [changes[:400], changes[400:800], changes[800:]])
    ) as rows:
        assert next(rows).num_rows == 400
    assert deriver.processes == []
    assert _rows(deriver, "2", changes).equals(derive_rows(schema, "a/1", "2", changes))
    deriver.stop()


def test_a_request_is_answered(schema: Any) -> None:
    """The worker reads the place, the account and the rows' schema out of a request."""
    changes = _changes(2)
    request = Deriver(schema).request("a/1", "1", changes)
    assert worker.answer(request).equals(derive_rows(schema, "a/1", "1", changes))


def test_counters_of_the_store_are_told(endpoint: Endpoint, xray: XRayClient) -> None:
    """The local cloud tells how much is stored, and how many traces went."""
    put(xray, [make_segment(make_trace_id())])
    assert xray.get_trace_summaries(StartTime=START, EndTime=START + 1)["TraceSummaries"]
    counters = requests.get(f"{endpoint.url}/_localcloud/xray", timeout=10).json()
    assert counters["stored_bytes"] > 0
    assert counters.keys() == {"stored_bytes", "evicted_traces", "failed_traces"}
