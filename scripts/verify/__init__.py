"""Does AWS have what the configuration asks for, with exactly those values; does Honeycomb take the key."""
