"""What each service stands on: store, relay, bus, inbox, web. No word of the field in it."""
