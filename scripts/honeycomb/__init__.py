"""A client of Honeycomb's management API: what a key may do, data sets, queries, their results, boards.

Source: Honeycomb's API reference (docs.honeycomb.io/api), read as OpenAPI.
"""
