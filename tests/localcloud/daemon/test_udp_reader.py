"""The process that reads the UDP port: nothing that keeps the event loop busy loses a datagram."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import psutil

from localcloud.daemon import udp_reader

from .conftest import HEADER, Endpoint, LoopThread, Running, running, wait_until

SLICES = 20
DOCUMENTS_PER_SLICE = 50


def unread_bytes(port: int) -> int:
    """What the kernel holds for a UDP port of 127.0.0.1 (/proc/net/udp, the second part of field 5)."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    [found] = [fields for line in lines if (fields := line.split())[1] == f"0100007F:{port:04X}"]
    return int(found[4].split(":")[1], 16)


def readers() -> list[psutil.Process]:
    """The reading processes of this one that show their command line.

    A process that was only just started shows none: the kernel writes it after `Popen` has returned.
    """
    children = psutil.Process().children()
    return [child for child in children if udp_reader.__file__ in child.cmdline()]


def test_datagrams_are_taken_from_the_kernel_while_the_loop_is_busy(
    thread: LoopThread, daemon: Running, endpoint: Endpoint
) -> None:
    """Many times what its buffer holds by default comes through, though the loop did not look meanwhile."""
    done = threading.Event()
    thread.loop.call_soon_threadsafe(done.wait)
    for first in range(0, SLICES * DOCUMENTS_PER_SLICE, DOCUMENTS_PER_SLICE):
        for number in range(first, first + DOCUMENTS_PER_SLICE):
            daemon.send(HEADER + json.dumps({"number": number, "text": "x" * 1_500}).encode())
        wait_until(lambda: unread_bytes(daemon.daemon.port) == 0)
    done.set()
    wait_until(lambda: daemon.daemon.counters()["forwarded"] == SLICES * DOCUMENTS_PER_SLICE)
    assert daemon.daemon.counters()["dropped_by_kernel"] == 0
    numbers = [json.loads(document)["number"] for document in endpoint.documents()]
    assert sorted(numbers) == list(range(SLICES * DOCUMENTS_PER_SLICE))


def test_what_is_received_before_the_stop_is_taken(thread: LoopThread, endpoint: Endpoint) -> None:
    """Whether it is with the reading process or with the kernel still, empty datagrams included."""
    with running(thread, endpoint.url) as started:
        for _ in range(200):
            started.send(HEADER + b"{}")
        started.send(b"")
        counters = started.stop()
    assert (counters["received"], counters["forwarded"], counters["rejected"]) == (201, 200, 1)
    assert readers() == []


def test_without_the_reading_process_the_loop_reads_itself(daemon: Running) -> None:
    """Its end is counted, and what comes later arrives."""
    wait_until(lambda: len(readers()) == 1)
    [reader] = readers()
    reader.kill()
    wait_until(lambda: daemon.daemon.counters().get("receive_errors") == 1)
    daemon.send(HEADER + b"{}")
    wait_until(lambda: daemon.daemon.counters()["forwarded"] == 1)
    assert daemon.stop()["accepted"] == 1
