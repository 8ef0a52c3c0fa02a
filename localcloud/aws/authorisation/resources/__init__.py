"""The requirements of each service whose resources are told apart."""
