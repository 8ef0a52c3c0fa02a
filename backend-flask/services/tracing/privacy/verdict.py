"""What is done with an attribute, told by its name."""

from enum import Enum


class Verdict(Enum):
    """Left, taken away, or looked into as what it holds."""

    CLEAN = 0
    HIDE = 1
    URL = 2
    QUERY = 3
    TEXT = 4
    CONNECTION = 5
    JSON = 6
