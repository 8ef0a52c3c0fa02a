"""Clients of AWS's services, bounded to a few seconds."""

from typing import Any

from services.tracing.settings import TracingSettings

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 3
ATTEMPTS_MAX = 2


def make_clients(settings: TracingSettings, *services: str) -> list[Any]:
    """Return a client for each of `ssm`, `xray`.

    botocore is imported here: before gevent patches the standard library it must not be.
    """
    import botocore.session
    from botocore.config import Config

    session = botocore.session.Session()
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": ATTEMPTS_MAX, "mode": "standard"},
    )
    urls = {"ssm": settings.ssm_endpoint_url, "xray": settings.xray_endpoint_url}
    return [
        session.create_client(service, region_name=settings.region, endpoint_url=urls[service], config=config)
        for service in services
    ]
