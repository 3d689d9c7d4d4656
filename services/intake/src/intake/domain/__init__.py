"""The rules of intake: events, states, decisions. Standard library only."""
