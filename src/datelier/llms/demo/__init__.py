"""The demo model: deterministic, offline, honest about what it is."""
