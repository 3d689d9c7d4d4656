"""The views: each a pure function of the set of a key's facts in canonical order. No clock, no randomness, no calls."""
