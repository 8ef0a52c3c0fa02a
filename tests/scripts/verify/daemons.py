"""Daemons of the tests' own: the local cloud's, with credentials, a region or an endpoint that are wrong."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localcloud.daemon.daemon import create_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.environment import Environment


@contextmanager
def daemon(
    opened: Environment,
    *,
    access_key: str = "test",
    region: str = "us-east-1",
    endpoint: str | None = None,
) -> Iterator[str]:
    """Run a daemon for *opened*'s X-Ray and yield its address."""
    one = create_daemon(
        host="127.0.0.1",
        port=0,
        aws_endpoint_url=endpoint or opened.variables["AWS_ENDPOINT_URL"],
        region=region,
        access_key=access_key,
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(one.start(), loop).result(10)
        try:
            yield f"127.0.0.1:{one.port}"
        finally:
            asyncio.run_coroutine_threadsafe(one.stop(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
