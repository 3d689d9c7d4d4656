"""A service put together: from what it declares and its settings to its store, relay, hearing, reactions and deadlines."""
from __future__ import annotations

