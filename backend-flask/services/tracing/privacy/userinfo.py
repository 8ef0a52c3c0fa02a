"""URLs without their userinfo: `user:password@` before the host (RFC 3986, 3.2.1).

A password that isn't percent-encoded may hold `/`, `?`, `#` and `@`, where the standard sees the path begin.
So what stands there must look like hosts and ports; where it doesn't, all up to the last `@` is userinfo.
"""

import re

_SCHEMES_OF_PATHS = ("http", "https", "ws", "wss", "file")
"""Their paths and queries may hold an `@`; other URLs, of databases and brokers, have it before the host."""

_HOST = r"(?:\[[^\]]*\]|[^:\[\],]*)(?::\d+)?"
_HOSTS = re.compile(rf"{_HOST}(?:,{_HOST})*")
_AUTHORITY_END = re.compile(r"[/?#]")


def without_userinfo(url: str) -> str:
    """Return a URL, or several in one word, without users and passwords. Takes linear time."""
    if "@" not in url:
        return url
    if url.startswith("//"):
        return "//" + without_userinfo("http://" + url[2:])[len("http://") :]
    parts = url.split("://")
    for number in range(1, len(parts)):
        may_hold_at = parts[number - 1].lower().endswith(_SCHEMES_OF_PATHS)
        parts[number] = _after_userinfo(parts[number], may_hold_at=may_hold_at)
    return "://".join(parts)


def _after_userinfo(rest: str, *, may_hold_at: bool) -> str:
    """Return what follows the userinfo in a URL from behind its `://`."""
    if "@" not in rest:
        return rest
    if may_hold_at:
        end = _AUTHORITY_END.search(rest)
        at = end.start() if end else len(rest)
        place = rest[:at].rpartition("@")[2]
        if _HOSTS.fullmatch(place):
            return place + rest[at:]
    return rest.rpartition("@")[2]
