"""Terragrunt as the commands use it: its command line, its process, its output, one shared provider."""
