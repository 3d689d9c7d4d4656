"""What the services say to one another: the envelope, one model a fact and version, the words. Depends on pydantic alone."""
