"""What records: spans, tracers, the provider, and what a server span says of its request."""
