"""What intake meets the world with."""
