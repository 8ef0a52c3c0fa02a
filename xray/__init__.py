"""What X-Ray means, pure and without I/O."""
