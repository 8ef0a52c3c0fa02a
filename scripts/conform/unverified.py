"""The open questions about X-Ray and Honeycomb: what no document says and only a real account can tell.

A case that `settles` one asks it; the others stand in `NOT_ASKED`, with the reason.
"""

from __future__ import annotations

QUESTIONS = (
    "TraceSummaries windows",
    "Period limits",
    "documents per PutTraceSegments",
    "page sizes",
    "TraceGraph id cap",
    "duplicate-name message",
    "Default-delete message",
    "Unprocessed codes",
    "quota formula",
    "SQL node Type",
    "Type for lowercase SDK names",
    "histogram bins",
    "filter precedence",
    "value case",
    "escapes",
    "source./destination. prefixes",
    "HEATMAP value shape",
    "HEATMAP weighting",
    "RATE_*/CONCURRENCY weighting",
    "query_url path",
    "too large body",
    "rate limit for OTLP",
    "slug rule",
    "storage precision",
    "missing dataset without create permission",
    "non-Enterprise answer",
    "EU host",
)

NOT_ASKED = {
    "page sizes": "a page holds more traces than a run may send",
    "Default-delete message": "the account's Default would be gone if X-Ray let it go",
    "rate limit for OTLP": "the account's own events would be refused with the run's",
    "missing dataset without create permission": "needs a second key, which may not create data sets",
    "non-Enterprise answer": "needs such a team: its key has the query cases skipped, with the status",
    "EU host": "needs a team in that region: name its endpoint in env.hcl",
}


def listing() -> str:
    """Return what is not asked as docs/commands/conform.md has it: a line for each."""
    return "".join(f"- {question}: {why}\n" for question, why in NOT_ASKED.items())
