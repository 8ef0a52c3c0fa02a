"""Honeycomb on a laptop: OTLP/HTTP traces in, its key check and error bodies, what it stored out."""

from localcloud.honeycomb.application import create_application

__all__ = ["create_application"]
