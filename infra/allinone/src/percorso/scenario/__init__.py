"""Scenarios: a file of steps against a running suite, and what must come of them (`design.md` 12)."""
