"""What assessment meets the world with."""
