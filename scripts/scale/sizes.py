"""What a span and a request weigh, in bytes: measured of the backend's own encoders, or said to be assumed.

Measured by tests/scripts/scale/measured.py: four pages of the backend as a task on Fargate, callers that all
differ, batches of about a hundred requests. A test holds these figures to a fresh measurement.
"""

OTLP_BYTES = 450
"""Of a span in OTLP, its part of the resource included. Measured."""
OTLP_WIRE_BYTES = 75
"""The same gzipped, as it leaves for Honeycomb. Measured; real traffic is more varied, so rather more."""
XRAY_WIRE_BYTES = 2020
"""Of a span as a document within PutTraceSegments' JSON, which isn't compressed. Measured."""
COLLECTOR_BYTES = 8 * OTLP_BYTES
"""Of a span in a collector's memory. Assumed: attributes are objects of their own, Go collects late."""
COLLECTOR_IDLE_MIB = 100
"""Of a collector that does nothing. Assumed."""
REQUEST_BYTES = 400
"""Of a request with its headers, at the load balancer. Assumed."""
ANSWER_BYTES = 1600
"""Of an answer with its headers, at the load balancer. Assumed: every page as large as the home page.

That has 1,282 and 163 of headers from the application (measured), and about 100 from gunicorn.
"""
LOG_BYTES = 100
"""Of log lines a request. Assumed: the backend's own pages write none, there is no access log."""
SAMPLING_CALL_BYTES = 2000
"""Of one GetSamplingTargets, there and back. Assumed, for three rules."""

SAMPLED_CPU_SECONDS = 136e-6
UNSAMPLED_CPU_SECONDS = 30e-6
"""What tracing adds to a request in the backend: docs/performance.md, request.*.added_cpu."""
COLLECTOR_SPANS_PER_VCPU = 15_000
"""A second, as Splunk sizes its distribution: https://docs.splunk.com/observability/gdi/opentelemetry/sizing.html

Read in a copy on 2026-11-22; not measured here.
"""
