"""The operator's commands: ``python -m scripts <command>``; each make target is a line over one of them."""
