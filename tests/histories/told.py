"""What the tests of histories say at the end of a session."""
SAID: list[str] = []
