"""Trace and span ids that are valid for X-Ray."""

import time

from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator

from services.tracing.randomness import RANDOM

_random_bits = RANDOM.getrandbits


class TraceIds(AwsXRayIdGenerator):
    """AWS's generator, without ids of zero, which would be none, and with random numbers of our own."""

    def generate_span_id(self) -> int:
        """Return 64 random bits."""
        return _random_bits(64) or 1

    def generate_trace_id(self) -> int:
        """Return epoch seconds in 32 bits, then 96 random ones."""
        return (int(time.time()) & 0xFFFFFFFF) << 96 | _random_bits(96)
