"""Living in a process that others instrument too: whose provider, whose server span, whose propagator."""
