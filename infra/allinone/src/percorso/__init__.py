"""The suite in one process, and its command line."""
