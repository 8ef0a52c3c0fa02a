"""The cases, a file for each part of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.conform.cases import (
    honeycomb_ingest,
    honeycomb_management,
    honeycomb_queries,
    xray_filters,
    xray_graph,
    xray_groups,
    xray_rules,
    xray_segments,
    xray_summaries,
)

if TYPE_CHECKING:
    from scripts.conform.case import Case

_FILES = (
    xray_groups,
    xray_rules,
    xray_segments,
    xray_summaries,
    xray_filters,
    xray_graph,
    honeycomb_ingest,
    honeycomb_queries,
    honeycomb_management,
)


def all_cases() -> list[Case]:
    """Return every case, in the order in which they run."""
    return [case for file in _FILES for case in file.CASES]
