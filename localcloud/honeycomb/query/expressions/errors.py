"""What is wrong with an expression."""


class ExpressionError(Exception):
    """A text that is no expression, or one that the local Honeycomb can't compute.

    position: where, in characters from 0.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message}, at character {position + 1}")
        self.position = position
