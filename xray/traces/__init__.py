"""A whole trace: what its documents say of it, ready to be summarised, filtered and drawn."""
