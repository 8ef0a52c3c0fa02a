"""The pinned tool chain: standard library only, because it runs before anything is installed."""
