"""Error texts without the rows and parameters that databases repeat in them."""

import re

from services.tracing.privacy.redacted_urls import REDACTED

# In an exception group's stack trace the lines begin with spaces and `|`; in a repr a line ends with `\n`.
_NEXT_FIELD = r"(?:[A-Z]{4,}:|\[SQL: )"
_END = (
    rf"[ |]*(?:{_NEXT_FIELD}|\+-|\Z"
    r"|\n[ |]*(?:The above exception was|During handling of the above exception))"
)
_ROW_VALUES = re.compile(
    rf"(?<![A-Z_])(DETAIL|CONTEXT):(?:(?!\\n{_NEXT_FIELD})[^\n])*(?:\n(?!{_END})[^\n]*)*"
)
"""PostgreSQL: values of a row, parameters of a statement; up to the next field or the next exception."""
_PARAMETERS = re.compile(r"\[parameters: [^\n]*")
"""SQLAlchemy: the parameters of a statement."""


def without_row_values(text: str) -> str:
    """Return a text without the values of rows. Takes linear time."""
    if "DETAIL:" in text or "CONTEXT:" in text:
        text = _ROW_VALUES.sub(rf"\1: {REDACTED}", text)
    if "[parameters: " in text:
        text = _PARAMETERS.sub(f"[parameters: {REDACTED}]", text)
    return text
