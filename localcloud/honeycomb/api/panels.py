"""A board's panels (reference: Honeycomb API, BoardPanel)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.honeycomb.api.collection import Document
from localcloud.honeycomb.api.fields import Members
from localcloud.honeycomb.api.ids import ID_MAX_CHARACTERS
from localcloud.honeycomb.datasets import ALL_DATASETS
from localcloud.honeycomb.query.errors import INVALID

STYLES = ("graph", "table", "combo")
CHART_TYPES = ("default", "line", "stacked", "stat", "tsbar", "cbar", "cpie")
CHARTS_MAX = 100
THRESHOLDS_MAX = 5
THRESHOLD_COLORS = ("red", "yellow", "blue", "green", "purple")
THRESHOLD_OPERATIONS = ("gt", "lt")
THRESHOLD_STYLES = ("filled-solid", "filled-dotted", "solid", "dotted")
LABEL_MAX_CHARACTERS = 35
CONTENT_MAX_CHARACTERS = 10_000

_COORDINATE_MAX = 1_000_000
_COORDINATES = ("x_coordinate", "y_coordinate", "height", "width")
_COLUMNS, _HEIGHT, _WIDTH = 2, 4, 6
_FLAGS = ("hide_compare", "hide_hovers", "hide_markers", "utc_xaxis", "overlaid_charts")
_CHART_FLAGS = ("hide_other", "log_scale", "omit_missing_values")


@dataclass(frozen=True, slots=True)
class Panels:
    """Reads panels; `dataset_of` a query is its slug, `query_of` an annotation its query, None without."""

    dataset_of: Callable[[str], str | None]
    query_of: Callable[[str], str | None]

    def read(self, fields: Members) -> Document:
        """Return one panel, without a position where it has none; a query's has its dataset's slug."""
        kind = fields.choice("type", ("query", "text", "slo"))
        panel: Document = {"type": kind}
        if kind == "query":
            panel["query_panel"] = self._query(fields.object("query_panel", required=True))
        elif kind == "text":
            content = fields.object("text_panel", required=True).text(
                "content", CONTENT_MAX_CHARACTERS, required=True
            )
            panel["text_panel"] = {"content": content}
        elif kind == "slo":
            # There are no SLOs here, so none can be shown.
            fields.note("slo_panel.slo_id", INVALID, "SLO not found")
        if fields.has("position"):
            position = fields.object("position")
            panel["position"] = {name: position.whole(name, 0, _COORDINATE_MAX) or 0 for name in _COORDINATES}
        return panel

    def _query(self, fields: Members) -> Document:
        query_id = fields.text("query_id", ID_MAX_CHARACTERS, required=True)
        annotation_id = fields.text("query_annotation_id", ID_MAX_CHARACTERS, required=True)
        slug = self.dataset_of(query_id)
        if query_id and slug is None:
            fields.note("query_id", INVALID, "query not found")
        annotated = self.query_of(annotation_id)
        if annotation_id and annotated is None:
            fields.note("query_annotation_id", INVALID, "query annotation not found")
        elif annotation_id and annotated != query_id:
            fields.note("query_annotation_id", INVALID, "query annotation is of another query")
        panel: Document = {
            "query_id": query_id,
            "query_annotation_id": annotation_id,
            "query_style": fields.choice("query_style", STYLES, default=STYLES[0]),
        }
        if slug not in (None, ALL_DATASETS):
            panel["dataset"] = slug
        if fields.has("visualization_settings"):
            panel["visualization_settings"] = _visualization(fields.object("visualization_settings"))
        return panel


def place(panels: list[Document], *, is_auto: bool) -> list[Document]:
    """Return the panels with positions: their own, or, where it is automatic or none has any, two in a row.

    Where Honeycomb places them isn't known.
    """
    if not is_auto and any("position" in panel for panel in panels):
        nowhere = dict.fromkeys(_COORDINATES, 0)
        return [{**panel, "position": panel.get("position", nowhere)} for panel in panels]
    placed = []
    for index, panel in enumerate(panels):
        row, column = divmod(index, _COLUMNS)
        position = {
            "x_coordinate": column * _WIDTH,
            "y_coordinate": row * _HEIGHT,
            "height": _HEIGHT,
            "width": _WIDTH,
        }
        placed.append({**panel, "position": position})
    return placed


def _visualization(fields: Members) -> dict[str, Any]:
    settings: dict[str, Any] = {name: True for name in _FLAGS if fields.flag(name)}
    charts = fields.objects("charts", CHARTS_MAX, _chart)
    return {**settings, "charts": charts} if charts else settings


def _chart(fields: Members) -> dict[str, Any]:
    chart: dict[str, Any] = {
        "chart_index": fields.whole("chart_index", 0, _COORDINATE_MAX) or 0,
        "chart_type": fields.choice("chart_type", CHART_TYPES, default=CHART_TYPES[0]),
    }
    chart |= {name: True for name in _CHART_FLAGS if fields.flag(name)}
    thresholds = fields.objects("thresholds", THRESHOLDS_MAX, _threshold)
    return {**chart, "thresholds": thresholds} if thresholds else chart


def _threshold(fields: Members) -> dict[str, Any]:
    threshold = {
        "value": fields.number("value"),
        "label": fields.text("label", LABEL_MAX_CHARACTERS),
        "color": fields.choice("color", THRESHOLD_COLORS),
        "operation": fields.choice("operation", THRESHOLD_OPERATIONS),
        "line_style": fields.choice("line_style", THRESHOLD_STYLES),
    }
    return {name: value for name, value in threshold.items() if value != ""}
