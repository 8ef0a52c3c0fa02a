"""What is there, and does it work: the checks of effect, on what AWS, Honeycomb and the daemon answer."""
