"""Telling what this worker loaded: to the log, and to the other workers of its host."""
