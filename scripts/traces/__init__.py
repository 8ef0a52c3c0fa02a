"""Traces as X-Ray and Honeycomb have them, brought into one shape for lists and waterfalls."""
