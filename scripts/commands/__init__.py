"""A file for each command, with ``SUMMARY``, ``add_arguments(parser)`` and ``run(arguments) -> int``."""
