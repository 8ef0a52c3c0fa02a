"""Which functions there are (docs.honeycomb.io/reference/calculated-field-formula)."""

MANY = 1_000

ARGUMENTS = {
    "IF": (2, MANY),
    "SWITCH": (3, MANY),
    "COALESCE": (1, MANY),
    "LT": (2, 2),
    "LTE": (2, 2),
    "GT": (2, 2),
    "GTE": (2, 2),
    "EQUALS": (2, 2),
    "IN": (2, MANY),
    "EXISTS": (1, 1),
    "NOT": (1, 1),
    "AND": (1, MANY),
    "OR": (1, MANY),
    "MIN": (1, MANY),
    "MAX": (1, MANY),
    "SUM": (1, MANY),
    "SUB": (2, 2),
    "MUL": (1, MANY),
    "DIV": (2, 2),
    "MOD": (2, 2),
    "LOG10": (1, 1),
    "BUCKET": (2, 4),
    "INT": (1, 1),
    "FLOAT": (1, 1),
    "BOOL": (1, 1),
    "STRING": (1, 1),
    "CONCAT": (1, MANY),
    "TO_LOWER": (1, 1),
    "STARTS_WITH": (2, 2),
    "ENDS_WITH": (2, 2),
    "CONTAINS": (2, 2),
    "LENGTH": (1, 2),
    "REG_MATCH": (2, 2),
    "REG_VALUE": (2, 2),
    "REG_COUNT": (2, 2),
    "EVENT_TIMESTAMP": (0, 0),
}
"""How many arguments each function that is computed here takes."""

NOT_COMPUTED = ("FORMAT_TIME", "UNIX_TIMESTAMP", "INGEST_TIMESTAMP")
"""Honeycomb's functions that the local one refuses, by name."""

PATTERNS = ("REG_MATCH", "REG_VALUE", "REG_COUNT")
"""Functions whose second argument must be a text in the expression."""

OPERATORS = {
    "*": ("MUL", 8),
    "/": ("DIV", 8),
    "%": ("MOD", 8),
    "-": ("SUB", 7),
    "+": ("SUM", 6),
    "<": ("LT", 5),
    "<=": ("LTE", 5),
    ">": ("GT", 5),
    ">=": ("GTE", 5),
    "=": ("EQUALS", 4),
    "!=": ("NOT EQUALS", 4),
    "AND": ("AND", 3),
    "OR": ("OR", 2),
}
"""The function of each operator between two values, and how tightly it binds."""
