"""AWS and Honeycomb on a laptop: one process, loopback only."""
