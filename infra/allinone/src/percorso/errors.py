"""What the command line says in a sentence."""
from __future__ import annotations


class Sorry(Exception):
    """Something the user can act on: its text is a sentence or a few, never a traceback."""
