"""The commands, a file a matter."""
