"""What can go wrong besides a refusal by a rule."""
from __future__ import annotations


class KeyReused(Exception):
    """The same command id came with another request."""


class Busy(Exception):
    """Too many conflicts in a row: the caller may try again."""


class StoreAway(Exception):
    """The database cannot be reached, or did not answer in time. What was asked may have been stored: ask again with the same key."""


class Halted(Exception):
    """The service refuses commands until an operator decides (log and topic disagree)."""


class Shut(Halted):
    """What is sealed is neither sealed nor opened yet: erasures are heard first. Ask again shortly."""


class UnknownStored(Exception):
    """A stored event is of a type that this version does not know: its aggregate cannot be decided about."""


class TooLarge(Exception):
    """A fact would be over 256 KiB."""
