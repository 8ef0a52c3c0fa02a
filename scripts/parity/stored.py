"""Another run: whatever the local cloud that `make local-up` started has by now, compared."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.parity import backend, cloud, collect, document_facts, event_facts
from scripts.parity.ledger import compare
from scripts.parity.run import Result, accounts_of

if TYPE_CHECKING:
    from scripts.output import Output

SINCE_SECONDS = 24 * 3600
INDEXED_VARIABLE = "TRACING_INDEXED_ATTRIBUTES"


def stored(output: Output, backend_address: str | None = None) -> Result:
    """Return what X-Ray and Honeycomb have of each other's spans, of the last day.

    With *backend_address* (a URL), what they have is set against what that backend recorded. Which requests
    there were isn't known: nothing is expected of them, rates are allowed, and segments may have callers that
    are recorded elsewhere. Raises OperatorError where something can't be asked or read.
    """
    place = cloud.started()
    workers = None
    if backend_address:
        with output.step("the workers send what they recorded"):
            workers = backend.settled(backend_address.rstrip("/"), "give --backend the URL of `make backend`")
    daemon = collect.daemon_counters(place)
    with output.step("reading X-Ray and Honeycomb"):
        told = collect.events(place)
        ids = collect.trace_ids(told) | collect.xray_trace_ids(place.xray, SINCE_SECONDS)
        documents = collect.documents(place.xray, ids)
        counters = collect.honeycomb_counters(place)
    if gone := counters.get("events.dropped_oldest"):
        raise OperatorError(
            f"the local Honeycomb was full and let its {gone} oldest events go: they can't be compared",
            remedy="run `make local-down` and `make local-up`, then the requests again",
        )
    if not ids:
        raise OperatorError(
            "the local cloud has no traces: there is nothing to compare",
            remedy="send requests to `make backend` first",
        )
    output.say(f"  {len(ids)} traces read")
    ours = document_facts.read(documents)
    reading = event_facts.Reading(
        {name for facts in ours for name in facts.resource}, _indexed(), is_everything_sampled=False
    )
    comparison = compare(ours, event_facts.read(told, reading), callers=None)
    # What Honeycomb refused it counts in events: that explains no missing span.
    accounts = () if workers is None else accounts_of(comparison, workers, {"xray": daemon, "honeycomb": {}})
    return Result(0, comparison, accounts)


def _indexed() -> tuple[str, ...]:
    """Return the attributes that become annotations, as the backend reads its own setting."""
    given = os.environ.get(INDEXED_VARIABLE)
    if not given:
        return event_facts.INDEXED_ATTRIBUTES
    return tuple(filter(None, (name.strip() for name in given.split(","))))
