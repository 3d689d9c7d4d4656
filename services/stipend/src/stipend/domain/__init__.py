"""The rules of stipend: events, states, decisions. Standard library only."""
