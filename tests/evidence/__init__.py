"""Bundles made by hand: taken apart, changed in one place, put together again."""
