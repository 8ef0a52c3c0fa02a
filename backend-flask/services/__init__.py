"""What the API does, one file for each thing, and the packages for tracing and logging beside it."""
