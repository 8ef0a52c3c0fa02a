"""What an IAM role's own policies say of given calls: read, evaluated and held against a list. No I/O."""
