"""X-Ray's wildcards: `*` is any run of characters, `?` one character, the whole text must match."""

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression without backtracking between the stars.

    Between two stars the leftmost place is as good as any other, so that each piece sits in an atomic group:
    the time is linear in the text for a pattern of X-Ray's bounded length, whatever the pattern.
    """
    first, *rest = [re.escape(piece).replace(r"\?", ".") for piece in re.sub(r"\*+", "*", pattern).split("*")]
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(first + middle + last, re.IGNORECASE | re.DOTALL)


def wildcard_match(pattern: str, text: str) -> bool:
    """Tell whether the whole of `text` matches `pattern`, without regard to case.

    An empty pattern matches only an empty text.
    """
    return pattern == "*" or _compiled(pattern).fullmatch(text) is not None
