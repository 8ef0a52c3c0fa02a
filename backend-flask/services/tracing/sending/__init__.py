"""What the sinks are made of: encoding, transport, retries, counters."""
