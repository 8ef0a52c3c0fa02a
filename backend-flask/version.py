"""The backend's version: every span's `service.version` unless OTEL_RESOURCE_ATTRIBUTES gives another."""

VERSION = "0.1.0"
