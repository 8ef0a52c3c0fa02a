"""Regular expressions: RE2's, which Go's are too."""

from localcloud.honeycomb.query.expressions.errors import ExpressionError
from localcloud.honeycomb.query.expressions.tree import Literal, Tree


def check_pattern(tree: Tree) -> None:
    """Raise ExpressionError where a text is no regular expression; Arrow has the same RE2 as DuckDB."""
    # Here, because the import is long and few expressions have a pattern.
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]
    import pyarrow.compute as pc  # type: ignore[import-untyped, unused-ignore]

    pattern = tree.value if isinstance(tree, Literal) else None
    try:
        pc.match_substring_regex(pa.array([""]), pattern=str(pattern))
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid regular expression: ")
        raise ExpressionError(f"no regular expression: {reason}", tree.position) from error
