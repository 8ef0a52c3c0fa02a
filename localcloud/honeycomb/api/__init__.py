"""Honeycomb's events and management APIs: `/1` and `/2`, one file for each resource."""
