"""The store in a file."""

import json
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

from localcloud.errors import DataError
from localcloud.honeycomb.events import Event
from localcloud.honeycomb.store import EventStore, layout, tables

NOW = 10**18
ROOT = Path(__file__).parents[3]


def opened(folder: Path, **options: Any) -> EventStore:
    """A store in this folder."""
    return EventStore(folder, clock=lambda: NOW, **options)


def event(number: int, dataset: str = "web", **fields: Any) -> Event:
    """An event with a number."""
    return Event(dataset, number, 1 + number % 2, {"number": number, **fields})


def test_everything_is_there_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events in order with all their fields, datasets, columns, and the numbers that pages go by."""
    monkeypatch.setattr(layout, "RARE", 2)
    monkeypatch.setattr(tables, "JOINED_AT_ONCE", 3)
    kept = opened(tmp_path, capacity_events=6)
    for number in range(8):
        rare: dict[str, Any] = {"rare\0'": -0.0, "odd": math.inf} if number == 5 else {}
        kept.add([event(number, dataset="ab"[number % 2], text="x", **rare)])
        kept.flush()
    kept.compact()
    kept.add([event(8, mixed="text"), event(9, mixed=1)])
    before = kept.page(0, 100), kept.datasets(), kept.columns("a"), kept.columns("web"), kept.page(7, 1)
    kept.close()

    kept = opened(tmp_path, capacity_events=6)
    after = kept.page(0, 100), kept.datasets(), kept.columns("a"), kept.columns("web"), kept.page(7, 1)
    assert after == before
    assert [one.fields["number"] for one in after[0][0]] == [4, 5, 6, 7, 8, 9]
    assert after[4] == (before[4][0], 8)
    assert kept.counters()["kept"] == 6
    kept.add([event(10)])
    assert [one.fields["number"] for one in kept.page(0, 100)[0]] == [5, 6, 7, 8, 9, 10]
    kept.delete_dataset("a")
    kept.close()

    kept = opened(tmp_path)
    assert [one.fields["number"] for one in kept.page(0, 100)[0]] == [5, 7, 8, 9, 10]
    assert [(one.slug, one.events) for one in kept.datasets()] == [("b", 2), ("web", 3)]
    kept.close()


def test_a_store_that_was_not_closed_has_what_was_taken_in(tmp_path: Path) -> None:
    """As when the process was killed: the file's log has it."""
    kept = opened(tmp_path)
    kept.add([event(number) for number in range(3)])
    kept.flush()
    copied = tmp_path / "copy"
    copied.mkdir()
    for file in tmp_path.glob("honeycomb.duckdb*"):
        (copied / file.name).write_bytes(file.read_bytes())
    kept.close()
    again = opened(copied)
    assert [one.fields["number"] for one in again.page(0, 100)[0]] == [0, 1, 2]
    again.close()


def test_tables_that_nothing_knows_of_are_removed(tmp_path: Path) -> None:
    """Those that a killed process had joined, and not yet dropped."""
    kept = opened(tmp_path)
    kept.add([event(1)])
    with kept.reading() as view:
        view.cursor.execute("CREATE TABLE segment_99 AS SELECT 1 AS seq").fetchall()
    kept.close()
    kept = opened(tmp_path)
    with kept.reading() as view:
        found = view.cursor.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
    kept.close()
    assert found == [("catalogue",), ("segment_1",)]


def test_what_is_added_is_in_the_file_soon(tmp_path: Path) -> None:
    """A thread takes it in, without a read; it ends when it has."""
    kept = opened(tmp_path)
    kept.add([event(1)])
    worker = kept._worker
    assert worker is not None
    kept._hurry.set()
    worker.join()
    assert kept._contents.kept == 1
    assert kept._worker is None
    kept.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """With the file's name and what to do."""
    file = tmp_path / "honeycomb.duckdb"
    file.write_text("no database, but long enough to be taken for one" * 1000)
    with pytest.raises(DataError, match=r"honeycomb\.duckdb"):
        opened(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE catalogue (x INTEGER)",
        "CREATE TABLE catalogue AS SELECT 'segment' AS kind, 1 AS number, '{}' AS document",
        "CREATE TABLE catalogue AS SELECT 'dataset' AS kind, 1 AS number, '[1]' AS document",
        "CREATE TABLE catalogue AS SELECT 'floor' AS kind, 0 AS number, '{' AS document",
    ],
)
def test_another_database_is_refused(tmp_path: Path, statement: str) -> None:
    """And not changed into ours."""
    with duckdb.connect(str(tmp_path / "honeycomb.duckdb")) as connection:
        connection.execute(statement).fetchall()
    for _ in range(2):
        with pytest.raises(DataError, match="has no events of this version: remove it"):
            opened(tmp_path)


def test_a_deleted_dataset_counts_no_more_after_a_restart(tmp_path: Path) -> None:
    """Also where its oldest events had gone before, and others of their segment are kept."""
    kept = opened(tmp_path, capacity_events=10)
    kept.add([event(number, dataset="ab"[number % 2], text="x" * 100) for number in range(15)])
    kept.flush()
    kept.delete_dataset("a")
    before = kept._contents.kept, kept._contents._size
    kept.close()
    kept = opened(tmp_path, capacity_events=10)
    assert (kept._contents.kept, kept._contents._size) == before
    assert before[0] == 5
    kept.delete_dataset("b")
    assert (kept._contents.kept, kept._contents._size) == (0, 0)
    kept.close()


def test_a_dataset_that_went_with_its_events_stays_gone(tmp_path: Path) -> None:
    """Although the segment that it was in is there; its number may be another one's then."""
    kept = opened(tmp_path, capacity_events=2)
    kept.add([event(0, dataset="a"), event(1, dataset="gone"), event(2, dataset="a"), event(3, dataset="a")])
    kept.flush()
    for _ in range(2):
        kept.close()
        kept = opened(tmp_path, capacity_events=2)
        assert [(one.slug, one.events) for one in kept.datasets()] == [("a", 2)]
    kept.add([event(4, dataset="new")])
    kept.flush()
    kept.close()
    kept = opened(tmp_path, capacity_events=2)
    assert [(one.slug, one.events) for one in kept.datasets()] == [("a", 1), ("new", 1)]
    assert [one.fields["number"] for one in kept.page(0, 10)[0]] == [3, 4]
    kept.close()


def test_a_file_that_lacks_a_table_is_refused(tmp_path: Path) -> None:
    """At the start, not by the first one who reads."""
    kept = opened(tmp_path)
    kept.add([event(1)])
    kept.close()
    with duckdb.connect(str(tmp_path / "honeycomb.duckdb")) as connection:
        connection.execute("DROP TABLE segment_1").fetchall()
    with pytest.raises(DataError, match="has no events of this version: remove it"):
        opened(tmp_path)


def test_a_file_that_can_grow_no_more_is_told(tmp_path: Path) -> None:
    """Nothing more is taken then; the end is one line and 1, and what the file has can be read again."""
    command = f"ulimit -f 12000; exec {sys.executable} -m localcloud --data {tmp_path}"
    with subprocess.Popen(
        ["bash", "-c", f"{command} --honeycomb-key-file {tmp_path}/key"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["honeycomb_api_endpoint"]
            headers = {"x-honeycomb-team": (tmp_path / "key").read_text().strip()}

            def answer(method: str, path: str, **sent: Any) -> requests.Response:
                return requests.request(method, f"{address}{path}", timeout=30, **sent)

            statuses: list[int] = []
            while len(statuses) < 100 and 503 not in statuses:
                batch = [{"data": {"text": random.randbytes(300).hex()}} for _ in range(1000)]
                statuses.append(answer("POST", "/1/batch/d", json=batch, headers=headers).status_code)
            sent = headers | {"content-type": "application/json"}
            otlp = answer("POST", "/v1/traces", data=b"{}", headers=sent)
            paths = ("/1/datasets", "/1/columns/d", "/_localcloud/datasets", "/_localcloud/counters")
            reads = [answer("GET", path, headers=headers) for path in paths]
            health = answer("GET", "/_localcloud/health")
        finally:
            process.terminate()
            log = process.communicate(timeout=60)[1]
    assert statuses[:-1] == [200] * (len(statuses) - 1)
    assert [statuses[-1], otlp.status_code, *(one.status_code for one in reads)] == [503] * 6
    assert all("can't be stored or read" in one.json()["error"] for one in reads)
    assert health.ok
    assert process.returncode == 1
    assert log.splitlines()[-1].startswith("localcloud: events can't be stored or read: ")
    assert log.count("ERROR") == 1
    assert "Traceback" not in log
    again = opened(tmp_path)
    (dataset,) = again.datasets()
    assert dataset.events > 0
    again.close()
