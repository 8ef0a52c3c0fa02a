"""What no sink may see."""
