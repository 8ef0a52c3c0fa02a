"""What is read of AWS and of the place where the process runs."""
