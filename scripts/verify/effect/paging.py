"""Answers in pages, where a single throttled call must not lose those that came before.

botocore's paginators end with the first failure: what follows it would be taken for the end of the list.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from scripts.traces.patience import patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PAUSES_SECONDS = (0.3, 1.0, 2.0)
"""After a throttled call: services allow few calls a second, and verify makes several at once."""


def pages(call: Callable[..., Any], **request: Any) -> Iterator[Mapping[str, Any]]:
    """Yield each page that *call*, an operation with ``NextToken``, has for *request*.

    Raises one of ``aws.FAILURES`` (throttling too, when it lasts), and ValueError where the answers turn in
    a circle.
    """
    known: set[str] = set()
    while True:
        answer = patiently(partial(call, **request), pauses=PAUSES_SECONDS)
        yield answer
        token = answer.get("NextToken")
        if not token:
            return
        if token in known:
            raise ValueError("the same NextToken came twice")
        known.add(token)
        request["NextToken"] = token
