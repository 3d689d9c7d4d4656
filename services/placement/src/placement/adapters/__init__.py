"""What placement meets the world with."""
