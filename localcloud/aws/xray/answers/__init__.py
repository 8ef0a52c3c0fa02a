"""The operations, a file for each kind: from checked parameters to the API's results."""
