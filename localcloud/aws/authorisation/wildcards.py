"""IAM's wildcards: `*` is any run of characters, `?` one character, the whole text must match."""

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    # Atomic groups keep the time linear, whatever the pattern: see xray.wildcards.
    first, *rest = [re.escape(piece).replace(r"\?", ".") for piece in re.sub(r"\*+", "*", pattern).split("*")]
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(first + middle + last, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Tell whether `text` matches; actions are compared without regard to case, resources with it."""
    return pattern == "*" or _compiled(pattern, ignore_case).fullmatch(text) is not None
