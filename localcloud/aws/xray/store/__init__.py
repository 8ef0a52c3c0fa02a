"""Traces on DuckDB: documents in, a row of facts for each trace, queries out."""
