"""X-Ray's filter expressions: text to a tree and back; a tree against a trace, as SQL, for Honeycomb.

The language as we read it is told in docs/filters.md.
"""

from xray.filters.errors import FilterError, GroupError
from xray.filters.evaluation import evaluate
from xray.filters.groups import GroupVersion, group_names, require_sound, resolve
from xray.filters.honeycomb import HoneycombFilter, to_honeycomb
from xray.filters.parsing import TEXT_MAX_CHARACTERS, parse
from xray.filters.printing import to_text
from xray.filters.sql import Sql, to_sql
from xray.filters.tree import Expression

__all__ = [
    "TEXT_MAX_CHARACTERS",
    "Expression",
    "FilterError",
    "GroupError",
    "GroupVersion",
    "HoneycombFilter",
    "Sql",
    "evaluate",
    "group_names",
    "parse",
    "require_sound",
    "resolve",
    "to_honeycomb",
    "to_sql",
    "to_text",
]
