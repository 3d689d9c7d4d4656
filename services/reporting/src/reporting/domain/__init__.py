"""The rules of reporting: events, states, decisions. Standard library only."""
