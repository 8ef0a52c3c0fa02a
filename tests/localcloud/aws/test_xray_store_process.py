"""`python -m localcloud --data`: traces outlive the process."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localcloud.aws.segments import START, make_segment, make_trace_id, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
STOP_SECONDS = 60


@contextmanager
def _running(*options: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Start the local cloud and yield it with a client of its X-Ray; end it, where that wasn't done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        client = boto3.client(
            "xray",
            endpoint_url=json.loads(line)["aws_endpoint_url"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        yield process, client
        client.close()
    finally:
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)


def _found(xray: Any) -> int:
    answer = xray.get_trace_summaries(StartTime=START, EndTime=START + 60, FilterExpression='service("web")')
    assert answer["TracesProcessedCount"] == len(answer["TraceSummaries"])
    return len(answer["TraceSummaries"])


def _refused(*options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "localcloud", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def test_traces_outlive_the_process(tmp_path: Path) -> None:
    """What was taken is there after a stop, read or not; what was read also after a kill. Groups are gone."""
    data = str(tmp_path / "data")
    first, second, third = (make_trace_id(START + number) for number in range(3))
    with _running("--data", data) as (process, xray):
        assert put(xray, [make_segment(first)]) == []
        xray.create_group(GroupName="web", FilterExpression="fault")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=STOP_SECONDS)
        assert process.returncode == 0
        assert "leaked" not in log
    with _running("--data", data) as (process, xray):
        assert _found(xray) == 1
        assert len(xray.get_groups()["Groups"]) == 1
        put(xray, [make_segment(second)])
        assert _found(xray) == 2
        process.kill()
        process.communicate(timeout=STOP_SECONDS)
    with _running("--data", data) as (_, xray):
        put(xray, [make_segment(third), make_segment(first, name="late")])
        assert _found(xray) == 3
        assert len(xray.batch_get_traces(TraceIds=[first])["Traces"][0]["Segments"]) == 2
        line = _refused("--data", data)
        assert line.startswith("localcloud: ")
        assert "xray.duckdb is in use by another process" in line


def test_a_broken_file_keeps_it_from_starting(tmp_path: Path) -> None:
    """A file that is no database is one line with the way out, and exit code 2."""
    (tmp_path / "xray.duckdb").write_bytes(b"no database" * 1000)
    line = _refused("--data", str(tmp_path))
    assert "xray.duckdb is no DuckDB database" in line
    assert "remove it" in line


def test_what_waits_is_stored_while_nobody_asks(tmp_path: Path) -> None:
    """A trace to which nothing comes is stored after a while without a reader: a kill doesn't lose it."""
    data = str(tmp_path)
    with _running("--data", data) as (process, xray):
        put(xray, [make_segment(make_trace_id())])
        deadline = time.monotonic() + STOP_SECONDS
        log = tmp_path / "xray.duckdb.wal"
        empty = log.stat().st_size if log.exists() else 0
        while (log.stat().st_size if log.exists() else 0) <= empty + 100:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=STOP_SECONDS)
    with _running("--data", data) as (_, xray):
        assert _found(xray) == 1


def test_a_full_disk(tmp_path: Path) -> None:
    """While nothing can be written nothing is taken; it goes on by itself, and what is lost is told."""
    data = str(tmp_path / "data")
    with _running("--data", data) as (process, xray):
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (3_000_000, limits[1]))
        taken = _put_until_throttled(xray)
        with pytest.raises(ClientError, match="Traces can't be stored") as refused:
            _found(xray)
        assert refused.value.response["Error"]["Code"] == "ThrottledException"
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            answer = _answer(xray.get_trace_summaries, StartTime=START, EndTime=START + 60)
            if answer is not None:
                break
            assert time.monotonic() < deadline
        assert answer["TracesProcessedCount"] == taken
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
        _put_until_throttled(xray)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=STOP_SECONDS)
        assert process.returncode == 1
        last = log.splitlines()[-1]
        assert last.startswith(f"localcloud: {data}/xray.duckdb can't be written: ")
        assert "Traceback" not in log


def _put_until_throttled(xray: Any) -> int:
    """Return how many traces were taken before."""
    taken = 0
    deadline = time.monotonic() + STOP_SECONDS
    note = {"a": {"b": "x" * 40_000}}
    while time.monotonic() < deadline:
        texts = [json.dumps(make_segment(make_trace_id(), metadata=note)) for _ in range(20)]
        if _answer(xray.put_trace_segments, TraceSegmentDocuments=texts) is None:
            return taken
        taken += len(texts)
    raise AssertionError("everything was taken")


def _answer(call: Callable[..., Any], **parameters: Any) -> Any:
    """Return a call's answer, None where it is throttled."""
    try:
        return call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ThrottledException":
            raise
        return None


def test_many_segments_at_once(tmp_path: Path) -> None:
    """More than may wait comes through, in order, with every trace read as soon as it was taken."""
    ids = [make_trace_id(START + number % 60) for number in range(6_000)]
    with _running() as (_, xray):
        for begin in range(0, len(ids), 500):
            documents: list[Any] = []
            for trace_id in ids[begin : begin + 500]:
                root = make_segment(trace_id)
                documents += [
                    root,
                    *(make_segment(trace_id, name="db", parent_id=root["id"]) for _ in range(4)),
                ]
            assert put(xray, documents) == []
        answer = xray.get_trace_summaries(StartTime=START, EndTime=START + 60)
        assert answer["TracesProcessedCount"] == len(ids)
        graph = xray.get_service_graph(StartTime=START, EndTime=START + 61)
        counts = {
            service["Name"]: service["SummaryStatistics"]["TotalCount"]
            for service in graph["Services"]
            if "SummaryStatistics" in service
        }
        assert counts == {"web": 6_000, "db": 24_000}
    assert list(tmp_path.iterdir()) == []
