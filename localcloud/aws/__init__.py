"""The AWS endpoint: moto behind a front of our own, X-Ray completed."""
