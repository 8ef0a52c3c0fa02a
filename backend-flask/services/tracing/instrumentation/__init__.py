"""OpenTelemetry's instrumentations of libraries, put on once."""
