"""A process that derives facts: `python -m localcloud.aws.xray.store.worker`.

Deriving takes longer than everything else that is done with a segment, and in a process of its own nothing
waits for it. Takes and gives frames on stdin and stdout: a length of 8 bytes, then an Arrow stream. Ends
when stdin does, or when nothing came for a while.
"""

import contextlib
import gc
import queue
import sys
import threading
from typing import IO, Any

import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

from localcloud.aws.xray.store.deriving import Changed, derive_rows
from localcloud.logs import start_logging

IDLE_SECONDS = 30.0
LENGTH_BYTES = 8
PLACE, ACCOUNT_ID, ROWS = b"place", b"account_id", b"rows"
REQUEST_SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("part", pa.int64()),
        ("revision", pa.int64()),
        ("limit_exceeded", pa.bool_()),
        ("received_at", pa.float64()),
        ("stored", pa.list_(pa.binary())),
        ("texts", pa.list_(pa.binary())),
        ("times", pa.list_(pa.float64())),
    ]
)
"""The fields of `Changed`. The metadata says the place, the account and the rows' schema."""


def write_table(stream: IO[bytes], table: Any) -> None:
    """Write a table as a frame."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content = sink.getvalue()
    stream.write(len(content).to_bytes(LENGTH_BYTES, "big"))
    stream.write(content)
    stream.flush()


def read_table(stream: IO[bytes]) -> Any:
    """Return the table of the next frame; None at the end."""
    length = stream.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "big")
    content = stream.read(size)
    return pa.ipc.open_stream(content).read_all() if len(content) == size else None


def answer(request: Any) -> Any:
    """Return the rows of the traces in a request."""
    traces = map(Changed._make, zip(*request.to_pydict().values(), strict=True))
    told = request.schema.metadata
    schema = pa.ipc.read_schema(pa.py_buffer(told[ROWS]))
    return derive_rows(schema, told[PLACE].decode(), told[ACCOUNT_ID].decode(), list(traces))


def main() -> None:
    """Answer requests until there are no more."""
    start_logging()
    # While rows are made by the thousand there is no garbage among them, and looking for it takes a tenth of
    # the time; afterwards there is next to nothing to look through.
    gc.freeze()
    gc.disable()
    requests: queue.Queue[Any] = queue.Queue()
    # a thread takes requests in, so that who writes one never waits for an answer to be read
    threading.Thread(target=_read_all, args=(sys.stdin.buffer, requests), daemon=True).start()
    with contextlib.suppress(queue.Empty):
        while (request := requests.get(timeout=IDLE_SECONDS)) is not None:
            write_table(sys.stdout.buffer, answer(request))
            del request
            gc.collect()


def _read_all(stream: IO[bytes], requests: queue.Queue[Any]) -> None:
    """Hand on requests, and None at the end."""
    while (request := read_table(stream)) is not None:
        requests.put(request)
    requests.put(None)


if __name__ == "__main__":
    main()
