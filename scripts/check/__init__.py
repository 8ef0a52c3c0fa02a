"""Will the configuration, and what a plan would leave, do what is meant: found without asking AWS."""
