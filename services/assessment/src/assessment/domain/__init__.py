"""The rules of assessment: events, states, decisions. Standard library only."""
