"""Ids of traces and spans."""

import os
import random
import time

from services.tracing.recording.ids import TraceIds
from services.tracing.rules.daemon_client import DaemonClient
from services.tracing.rules.targets import TargetPoller
from services.tracing.sampling import RuleSampler
from xray.names import SAMPLING_CLIENT_ID_CHARACTERS


def test_a_trace_id_begins_with_its_time() -> None:
    """As X-Ray wants it: seconds in the first 32 of 128 bits."""
    before = int(time.time())
    trace_id = TraceIds().generate_trace_id()
    assert before <= trace_id >> 96 <= int(time.time())


def test_a_seed_of_the_applications_repeats_no_id() -> None:
    """Neither a trace's, nor a span's, nor the one that reports are made under."""
    seen = set()
    for _ in range(20):
        random.seed(7)
        seen |= {TraceIds().generate_trace_id() & (1 << 96) - 1, TraceIds().generate_span_id()}
        client_id = TargetPoller(RuleSampler("s", ()), DaemonClient(("127.0.0.1", 9))).client_id
        assert len(client_id) == SAMPLING_CLIENT_ID_CHARACTERS
        seen.add(int(client_id, 16))
    assert len(seen) == 60


def test_children_make_ids_of_their_own() -> None:
    """What was random in the parent isn't the same in each of its children."""
    said = set()
    for _ in range(3):
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            os.write(writing, b"%032x" % TraceIds().generate_trace_id())
            os._exit(0)
        os.waitpid(child, 0)
        said.add(os.read(reading, 32)[8:])
        os.close(reading)
        os.close(writing)
    said.add(b"%024x" % (TraceIds().generate_trace_id() & (1 << 96) - 1))
    assert len(said) == 4
