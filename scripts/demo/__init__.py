"""The parts of ``make demo``: its commands, its backend, its traffic, the trace it shows."""
