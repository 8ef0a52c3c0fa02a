"""Structured logs that carry the trace: `configure_logging` once in each process, then the standard library.

This file imports nothing of Flask's or OpenTelemetry's: gunicorn's master loads it before gevent patches.
"""

from services.logging.configuration import configure_logging

__all__ = ["configure_logging"]
