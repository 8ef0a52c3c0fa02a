"""One request that only the operator can have sampled, looked for in X-Ray and Honeycomb."""
