"""What reporting meets the world with."""
