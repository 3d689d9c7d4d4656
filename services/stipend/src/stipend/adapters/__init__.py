"""What stipend meets the world with."""
