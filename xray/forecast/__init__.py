"""What sampling rules will sample of given traffic: in closed form, and simulated. No I/O, no clock."""
