"""The backend's image without an engine: what the Dockerfile says, what goes in, what it is called."""
