"""What waits, made into rows: documents merged with those that are stored, and facts derived from them."""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from localcloud.aws.xray.store.arrow import make_table
from localcloud.aws.xray.store.merging import Merged
from xray.traces import TraceFacts, derive
from xray.traces.rows import to_columns

log = logging.getLogger(__name__)


class Changed(NamedTuple):
    """One trace: what is stored of it, `revision` 0 where nothing is, and the documents that came since.

    `part` is the number of the part that it is stored in, `received_at` its last arrival until then (epoch
    seconds), `times` are those of the documents that came since.
    """

    trace_id: str
    part: int
    revision: int
    limit_exceeded: bool
    received_at: float
    stored: Sequence[bytes]
    texts: Sequence[bytes]
    times: Sequence[float]


def derive_rows(schema: Any, place: str, account_id: str, traces: Sequence[Changed]) -> Any:
    """Return the traces' rows as an Arrow table.

    A trace that no facts can be derived from is logged, and missing.
    """
    merged: list[Merged] = []
    facts: list[TraceFacts] = []
    received: list[float] = []
    for trace in traces:
        one = Merged.stored(trace.revision, trace.limit_exceeded, trace.stored)
        last = one.add(trace.texts)
        try:
            facts.append(derive(one.documents.values(), account_id))
        except Exception:
            log.exception("a trace can't be read, and isn't kept")
            continue
        merged.append(one)
        received.append(trace.received_at if last is None else trace.times[last])
    return make_table(
        schema,
        {
            "place": [place] * len(merged),
            "received_at": received,
            "revision": [one.revision for one in merged],
            "limit_exceeded": [one.limit_exceeded for one in merged],
            "documents": [one.texts.values() for one in merged],
            **to_columns(facts),
        },
    )
