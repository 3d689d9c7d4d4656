"""Verification of trails: what a log, the archive or a topic holds, against seals and heads held elsewhere (`design.md` 7)."""
