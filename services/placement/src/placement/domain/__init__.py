"""The rules of placement: events, states, decisions. Standard library only."""
