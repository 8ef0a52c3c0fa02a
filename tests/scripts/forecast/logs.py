"""Access logs made up, and what is known about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scripts.forecast.classes import Classes, Service
from xray.sampling import SamplingRule, sort_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN = 1_795_132_800
"""Midnight, UTC."""
SERVICE = "cruddur"
PREFIX = "cruddur-local-"
WEB = SamplingRule("cruddur-local-web", 9000, 0.1, 5, service_name=SERVICE)
HEALTH = SamplingRule("cruddur-local-health", 8999, 0.0, 0, url_path="/health*")
DEFAULT = SamplingRule("Default", 10_000, 0.05, 1)


def classes(*rule_lists: Sequence[SamplingRule], host: str = "") -> Classes:
    """Return no classes yet, under the lists of rules, or under web, health and Default."""
    lists = [sort_rules(rules) for rules in rule_lists or ([WEB, HEALTH, DEFAULT],)]
    return Classes(Service(SERVICE, host=host), lists)


def common(
    second: int, request: str = "GET / HTTP/1.1", status: int | str = 200, *, combined: bool = True
) -> str:
    """Return a line of a common or combined log."""
    time = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    rest = ' "-" "curl/8.5"' if combined else ""
    return f'10.0.0.1 - - [{time}] "{request}" {status} 512{rest}'


def balancer(
    second: int, request: str = "GET https://api.example.com:443/ HTTP/1.1", target: str = ""
) -> str:
    """Return a line of an Application Load Balancer's log."""
    time = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.186641Z")
    return (
        f"https {time} app/web/50dc6c495c0c9188 192.168.131.39:2817 {target or '10.0.0.1:4567'} 0.086 0.048"
        f' 0.037 200 200 0 57 "{request}" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:x'
        f' "Root=1-58337281-1d84f3d73c47ec4e58577259" "api.example.com" "arn:aws:acm" 1 {time} "forward"'
    )
