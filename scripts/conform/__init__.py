"""The contract suite: what X-Ray and Honeycomb answer, asked of the local cloud or of the real services."""
