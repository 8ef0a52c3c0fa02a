"""Honeycomb's query language: what a query may say, and what it answers over stored events."""
