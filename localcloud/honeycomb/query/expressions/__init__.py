"""The language of calculated fields (docs.honeycomb.io/reference/calculated-field-formula)."""

from localcloud.honeycomb.query.expressions.errors import ExpressionError
from localcloud.honeycomb.query.expressions.parser import parse

__all__ = ["ExpressionError", "parse"]
