"""Benchmarks: every figure is a ratio to a baseline that was measured side by side in the same run."""
